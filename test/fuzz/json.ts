/** JSON texts: grown from values, changed where it hurts, written in odd ways. */
import type { Random } from './random.js';

/** A JSON value that may be written in ways that no JavaScript value can: members twice, `1e400`. */
export type Tree =
  | { readonly kind: 'raw'; text: string }
  | { readonly kind: 'text'; value: string }
  | { readonly kind: 'list'; items: Tree[] }
  | { readonly kind: 'object'; members: [name: string, value: Tree][] };

export function treeOf(value: unknown): Tree {
  if (typeof value === 'string') return { kind: 'text', value };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) {
    return { kind: 'raw', text: JSON.stringify(value) ?? 'null' };
  }
  return {
    kind: 'object',
    members: Object.entries(value).map(([name, member]) => [name, treeOf(member)]),
  };
}

/** The text of a tree, with odd spaces and escapes now and then when there is a `random`. */
export function textOf(tree: Tree, random?: Random): string {
  const gap = random?.chance(5) === true ? random.pick([' ', '\n', '\t', '\r\n', '  ']) : '';
  if (tree.kind === 'raw') return gap + tree.text;
  if (tree.kind === 'text') return gap + quoted(tree.value, random);
  if (tree.kind === 'list') {
    return `${gap}[${tree.items.map((item) => textOf(item, random)).join(',')}${gap}]`;
  }
  const members = tree.members.map(
    ([name, value]) => `${quoted(name, random)}:${textOf(value, random)}`,
  );
  return `${gap}{${members.join(',')}${gap}}`;
}

function quoted(text: string, random: Random | undefined): string {
  const plain = JSON.stringify(text);
  if (random === undefined || text === '' || !random.chance(3)) return plain;
  const at = random.below(text.length);
  const escaped = `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(text.slice(0, at)).slice(0, -1)}${escaped}${JSON.stringify(text.slice(at + 1)).slice(1)}`;
}

const oddTexts = [
  '',
  'a',
  '2.0',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\0',
  'a\r\nb',
  'a\u2028b\u2029',
  '\ufeff',
  '\ud800',
  '\udc00x',
  '😀',
  'é',
  '\u202eabc',
  'ſ',
  'K',
  '../../etc/passwd',
  'file:///a%2f..%2fb',
  'data: x\n\nevent: y',
  '=?base64?aGk=?=',
  '=?base64?!?=',
  'x'.repeat(257),
  '{}',
  '%',
  '%ff%fe',
  '0',
  '-1',
  'NaN',
];

const oddNumbers = [
  '0',
  '-0',
  '1',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551616',
  '1.0',
  '1E2',
  `1${'0'.repeat(70)}`,
  `0.${'1'.repeat(63)}`,
];

/** What only looks like JSON. */
const broken = ['NaN', 'Infinity', 'undefined', "'a'", '01', '+1', '.5', '1.', '"\\x"', '"\t"', ''];

const oddNames = ['__proto__', 'constructor', 'id', 'ID', 'Method', '_meta', 'jsonrpc', '', 'a'];

export function oddText(random: Random): string {
  if (random.chance(80)) return random.pick(oddTexts);
  const length = random.pick([1, 3, 30, 300]);
  let text = '';
  for (let at = 0; at < length; at++) {
    text += String.fromCharCode(random.below(random.pick([128, 256, 65_536])));
  }
  return text;
}

export function oddNumber(random: Random): string {
  return random.chance(80) ? random.pick(oddNumbers) : String(random.word() - 2 ** 31);
}

/** Any JSON value. */
export function anyTree(random: Random, depth: number = 3): Tree {
  const kind = random.below(depth > 0 ? 8 : 5);
  if (kind === 0) return { kind: 'raw', text: random.pick(['null', 'true', 'false']) };
  if (kind === 1) return { kind: 'raw', text: oddNumber(random) };
  if (kind <= 4) return { kind: 'text', value: oddText(random) };
  const length = random.below(4);
  if (kind === 5) {
    return { kind: 'list', items: Array.from({ length }, () => anyTree(random, depth - 1)) };
  }
  return {
    kind: 'object',
    members: Array.from({ length }, () => [
      random.chance(50) ? random.pick(oddNames) : oddText(random),
      anyTree(random, depth - 1),
    ]),
  };
}

/** A place in a tree: its value, and how to put another there or take it away. */
interface Place {
  readonly value: Tree;
  replace(by: Tree): void;
  remove(): void;
  /** Writes the member twice, perhaps under another name. */
  repeat(random: Random): void;
}

function placesIn(tree: Tree, places: Place[] = []): Place[] {
  if (tree.kind === 'list') {
    const { items } = tree;
    for (const [at, value] of items.entries()) {
      places.push({
        value,
        replace: (by) => void (items[at] = by),
        remove: () => void items.splice(at, 1),
        repeat: () => void items.splice(at, 0, value),
      });
      placesIn(value, places);
    }
  }
  if (tree.kind === 'object') {
    const { members } = tree;
    for (const [at, [name, value]] of members.entries()) {
      places.push({
        value,
        replace: (by) => void (members[at] = [name, by]),
        remove: () => void members.splice(at, 1),
        repeat(random) {
          const other = random.pick([name, name.toUpperCase(), random.pick(oddNames)]);
          members.splice(random.below(members.length + 1), 0, [other, anyTree(random, 1)]);
        },
      });
      placesIn(value, places);
    }
  }
  return places;
}

/** Changes a tree in a few places, in place where that is possible. */
export function mutate(tree: Tree, random: Random, most: number = 3): Tree {
  let result = tree;
  for (let round = random.between(1, most); round > 0; round--) {
    const places = placesIn(result);
    if (places.length === 0 || random.chance(2)) result = anyTree(random);
    else mutateAt(random.pick(places), random);
  }
  return result;
}

function mutateAt(place: Place, random: Random): void {
  const way = random.below(10);
  if (way <= 2) place.replace(anyTree(random, 2));
  else if (way <= 4) place.remove();
  else if (way === 5) place.repeat(random);
  else if (way === 6) place.replace({ kind: 'list', items: [place.value] });
  else if (way === 7) place.replace({ kind: 'object', members: [['a', place.value]] });
  else if (way === 8) place.replace(deep(random));
  else place.replace({ kind: 'raw', text: random.chance(70) ? 'null' : random.pick(broken) });
}

function deep(random: Random): Tree {
  const levels = random.pick([30, 61, 62, 63, 64, 70, 1100]);
  const [open, close] = random.chance(50) ? ['[', ']'] : ['{"a":', '}'];
  return { kind: 'raw', text: `${open.repeat(levels)}1${close.repeat(levels)}` };
}

/** Bytes that are almost those: cut, changed, repeated, not UTF-8. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let round = random.between(1, 3); round > 0; round--) {
    const at = random.below(result.length + 1);
    const way = random.below(6);
    if (way === 0) result = result.slice(0, at);
    else if (way === 1) result = result.slice(at);
    else if (way === 2 && at < result.length) result[at] = random.below(256);
    else if (way === 3) result = spliced(result, at, 0, random.pick(insertions));
    else if (way === 4) result = spliced(result, at, random.between(1, 8), none);
    else result = spliced(result, at, 0, result.slice(at, at + random.between(1, 40)));
  }
  return result;
}

const none = new Uint8Array(0);

const insertions: readonly Uint8Array[] = [
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0],
  [0x22],
  [0x5c],
  [0x7b],
  [0x7d],
  [0x5b],
  [0x2c],
  [0x3a],
  [0x0a],
  [0x0d],
  [0x0d, 0x0a],
].map((bytes) => Uint8Array.from(bytes));

export function spliced(
  bytes: Uint8Array,
  at: number,
  remove: number,
  insert: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const tail = bytes.subarray(Math.min(bytes.length, at + remove));
  const result = new Uint8Array(at + insert.length + tail.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(tail, at + insert.length);
  return result;
}

/** The bytes in pieces, cut at random places. */
export function piecesOf(bytes: Uint8Array, random: Random): Uint8Array[] {
  const way = random.below(4);
  if (way === 0) return [bytes];
  const most = way === 1 ? 1 : way === 2 ? 7 : Math.max(1, bytes.length >> 1);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.between(random.chance(10) ? 0 : 1, most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** As UTF-8 has it: half a surrogate pair becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
