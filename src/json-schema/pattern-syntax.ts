/** Reads the part of ECMAScript's regular expressions that can be matched in linear time. */

import { complement, pointOf, singlePoint } from './character-set.js';
import type { CharacterSet, PropertyTest } from './character-set.js';

export type Assertion = 'start' | 'end' | 'word' | 'notWord';

export type Pattern =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly min: number; readonly max: number };

/** The tree of a pattern, or undefined when it needs more than linear matching can do. */
export function readPattern(source: string): Pattern | undefined {
  // The reader is recursive over groups, and no honest pattern comes near either bound.
  if (source.length > sourceLengthMax) return undefined;
  const reader = new Reader(source);
  const pattern = readChoice(reader, 0);
  return pattern !== undefined && reader.done ? pattern : undefined;
}

const sourceLengthMax = 4096;
const groupDepthMax = 50;
const repeatMax = 1000;

const digit = [0x30, 0x39];
const word = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const space = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f,
  0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
];
const lineEnds = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029];

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

// Written out, so that nothing of a stranger's text ever becomes part of a RegExp.
const propertyTests: ReadonlyMap<string, RegExp> = new Map([
  ['L', /\p{L}/u],
  ['Letter', /\p{L}/u],
  ['Alphabetic', /\p{Alphabetic}/u],
  ['Lu', /\p{Lu}/u],
  ['Uppercase_Letter', /\p{Lu}/u],
  ['Ll', /\p{Ll}/u],
  ['Lowercase_Letter', /\p{Ll}/u],
  ['M', /\p{M}/u],
  ['N', /\p{N}/u],
  ['Number', /\p{N}/u],
  ['Nd', /\p{Nd}/u],
  ['digit', /\p{Nd}/u],
  ['P', /\p{P}/u],
  ['Punctuation', /\p{P}/u],
  ['S', /\p{S}/u],
  ['Z', /\p{Z}/u],
  ['Zs', /\p{Zs}/u],
  ['ASCII', /\p{ASCII}/u],
  ['Emoji', /\p{Emoji}/u],
  ['Script=Latin', /\p{Script=Latin}/u],
  ['Script=Cyrillic', /\p{Script=Cyrillic}/u],
  ['Script=Greek', /\p{Script=Greek}/u],
  ['Script=Han', /\p{Script=Han}/u],
]);

class Reader {
  #at = 0;
  readonly #points: readonly string[];

  constructor(source: string) {
    this.#points = Array.from(source);
  }

  get done(): boolean {
    return this.#at >= this.#points.length;
  }

  peek(ahead = 0): string {
    return this.#points[this.#at + ahead] ?? '';
  }

  next(): string {
    const point = this.peek();
    this.#at += 1;
    return point;
  }

  /** Steps over `text` if it comes next. */
  take(text: string): boolean {
    for (let index = 0; index < text.length; index += 1) {
      if (this.peek(index) !== text[index]) return false;
    }
    this.#at += text.length;
    return true;
  }

  /** Reads characters of `alphabet`, as many as `lengthMax`. */
  run(alphabet: RegExp, lengthMax: number): string {
    let text = '';
    while (text.length < lengthMax && alphabet.test(this.peek())) text += this.next();
    return text;
  }

  mark(): number {
    return this.#at;
  }

  reset(mark: number): void {
    this.#at = mark;
  }
}

function readChoice(reader: Reader, depth: number): Pattern | undefined {
  if (depth > groupDepthMax) return undefined;
  const parts: Pattern[] = [];
  do {
    const part = readSequence(reader, depth);
    if (part === undefined) return undefined;
    parts.push(part);
  } while (reader.take('|'));
  return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
}

function readSequence(reader: Reader, depth: number): Pattern | undefined {
  const parts: Pattern[] = [];
  while (!reader.done && reader.peek() !== '|' && reader.peek() !== ')') {
    const part = readAtom(reader, depth);
    const repeated = part === undefined ? undefined : readRepeat(reader, part);
    if (repeated === undefined) return undefined;
    parts.push(repeated);
  }
  return { kind: 'sequence', parts };
}

function readAtom(reader: Reader, depth: number): Pattern | undefined {
  const point = reader.next();
  if (point === '^') return { kind: 'assert', assertion: 'start' };
  if (point === '$') return { kind: 'assert', assertion: 'end' };
  if (point === '.') return setOf({ negated: true, ranges: lineEnds, properties: [] });
  if (point === '(') return readGroup(reader, depth);
  if (point === '[') return readClass(reader);
  if (point === '*' || point === '+' || point === '?') return undefined;
  if (point !== '\\') return setOf(singlePoint(point.codePointAt(0) ?? 0));
  if (reader.take('b')) return { kind: 'assert', assertion: 'word' };
  if (reader.take('B')) return { kind: 'assert', assertion: 'notWord' };
  const set = readEscape(reader);
  return set && setOf(set);
}

function readGroup(reader: Reader, depth: number): Pattern | undefined {
  if (reader.take('?')) {
    // Looking ahead or behind cannot be done in one pass; a name is only a label.
    const named = reader.take('<') && reader.run(/^\w$/, 100) !== '' && reader.take('>');
    if (!named && !reader.take(':')) return undefined;
  }
  const inner = readChoice(reader, depth + 1);
  return reader.take(')') ? inner : undefined;
}

function readRepeat(reader: Reader, part: Pattern): Pattern | undefined {
  const bounds = readRepeatBounds(reader);
  if (bounds === undefined) return part;
  reader.take('?');
  const [min, max] = bounds;
  const sane = min <= repeatMax && min <= max && (max <= repeatMax || max === Infinity);
  if (!sane || part.kind === 'assert') return undefined;
  return { kind: 'repeat', part, min, max };
}

function readRepeatBounds(reader: Reader): readonly [number, number] | undefined {
  if (reader.take('*')) return [0, Infinity];
  if (reader.take('+')) return [1, Infinity];
  if (reader.take('?')) return [0, 1];
  const mark = reader.mark();
  if (reader.take('{')) {
    const min = reader.run(/^\d$/, 9);
    const open = min !== '' && reader.take(',');
    const max = open ? reader.run(/^\d$/, 9) : min;
    if (min !== '' && reader.take('}')) return [Number(min), max === '' ? Infinity : Number(max)];
  }
  // A brace that opens no repetition stands for itself.
  reader.reset(mark);
  return undefined;
}

function readClass(reader: Reader): Pattern | undefined {
  const negated = reader.take('^');
  const ranges: number[] = [];
  const properties: PropertyTest[] = [];
  while (!reader.take(']')) {
    if (reader.done) return undefined;
    const first = readClassMember(reader);
    if (first === undefined) return undefined;
    const low = pointOf(first);
    if (low !== undefined && reader.peek() === '-' && reader.peek(1) !== ']') {
      reader.next();
      const last = readClassMember(reader);
      const high = last && pointOf(last);
      if (high === undefined || high < low) return undefined;
      ranges.push(low, high);
      continue;
    }
    ranges.push(...first.ranges);
    for (const one of first.properties) {
      const known = properties.some((has) => has.test === one.test && has.negated === one.negated);
      if (!known) properties.push(one);
    }
  }
  return setOf({ negated, ranges, properties });
}

function readClassMember(reader: Reader): CharacterSet | undefined {
  if (reader.done) return undefined;
  const point = reader.next();
  if (point !== '\\') return singlePoint(point.codePointAt(0) ?? 0);
  if (reader.take('b')) return singlePoint(8);
  return readEscape(reader);
}

/** What follows a backslash. Undefined for back-references and unknown escapes. */
function readEscape(reader: Reader): CharacterSet | undefined {
  const point = reader.next();
  if (point === 'd') return { negated: false, ranges: digit, properties: [] };
  if (point === 'D') return { negated: false, ranges: complement(digit), properties: [] };
  if (point === 'w') return { negated: false, ranges: word, properties: [] };
  if (point === 'W') return { negated: false, ranges: complement(word), properties: [] };
  if (point === 's') return { negated: false, ranges: space, properties: [] };
  if (point === 'S') return { negated: false, ranges: complement(space), properties: [] };
  if (point === 'p' || point === 'P') return readProperty(reader, point === 'P');
  const control = controls[point];
  if (control !== undefined) return singlePoint(control);
  if (point === '0') return /^\d$/.test(reader.peek()) ? undefined : singlePoint(0);
  if (point === 'c') {
    const letter = reader.run(/^[A-Za-z]$/, 1);
    return letter === '' ? undefined : singlePoint(letter.charCodeAt(0) % 32);
  }
  if (point === 'x') return hex(reader.run(/^[0-9A-Fa-f]$/, 2), 2);
  if (point === 'u') return readUnicodeEscape(reader);
  // Any other letter or digit has a meaning that is not understood here.
  return point === '' || /^[A-Za-z0-9]$/.test(point)
    ? undefined
    : singlePoint(point.codePointAt(0) ?? 0);
}

function readUnicodeEscape(reader: Reader): CharacterSet | undefined {
  if (reader.take('{')) {
    const digits = reader.run(/^[0-9A-Fa-f]$/, 6);
    const point = Number.parseInt(digits, 16);
    return reader.take('}') && point <= 0x10ffff ? singlePoint(point) : undefined;
  }
  const first = hex(reader.run(/^[0-9A-Fa-f]$/, 4), 4);
  const high = first && pointOf(first);
  if (high === undefined || high < 0xd800 || high > 0xdbff) return first;
  const mark = reader.mark();
  if (reader.take('\\u')) {
    const second = hex(reader.run(/^[0-9A-Fa-f]$/, 4), 4);
    const low = second && pointOf(second);
    if (low !== undefined && low >= 0xdc00 && low <= 0xdfff) {
      return singlePoint((high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000);
    }
  }
  reader.reset(mark);
  return first;
}

function readProperty(reader: Reader, negated: boolean): CharacterSet | undefined {
  if (!reader.take('{')) return undefined;
  const name = reader.run(/^[\w=]$/, 40);
  const short = name.replace(/^(?:General_Category|gc)=/, '').replace(/^sc=/, 'Script=');
  const test = propertyTests.get(short);
  if (!reader.take('}') || test === undefined) return undefined;
  return { negated: false, ranges: [], properties: [{ test, negated }] };
}

function hex(digits: string, length: number): CharacterSet | undefined {
  return digits.length === length ? singlePoint(Number.parseInt(digits, 16)) : undefined;
}

function setOf(set: CharacterSet): Pattern {
  return { kind: 'set', set };
}
