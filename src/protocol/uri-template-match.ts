/**
 * Matches URIs against a template without going back: for each part of the template, from the last
 * to the first, it notes at which positions the rest of the URI can begin. The work is the length
 * of the URI times the number of parts, whatever they are.
 *
 * Where a template is ambiguous, earlier variables take as much as they can. A name or value that
 * the template does not know means no match. Exploded maps cannot be told from other variables, so
 * they are not matched in named expressions.
 */

import { encodeReserved, operatorRules } from './uri-template-expand.js';
import type { Expression, Part, Variable } from './uri-template.js';

export type Match = Record<string, string | string[]>;

/** A step of matching. */
type Atom =
  | { readonly kind: 'literal'; readonly text: string }
  /** The atoms from here to `end` may be missing. */
  | { readonly kind: 'option'; end: number }
  | {
      readonly kind: 'value';
      readonly allowed: Uint8Array;
      readonly charactersMax: number;
      /** Adds what `text` says to the match; false when it makes no sense. */
      readonly take: (text: string, into: Findings) => boolean;
    };

export function makeMatcher(
  parts: readonly Part[],
  uriBytesMax: number,
): (uri: string) => Match | undefined {
  const atoms = makeAtoms(parts);
  const [head] = parts;
  return (uri) => {
    if (uri.length > uriBytesMax) return undefined;
    // Encoded in the same way as the template's literals, so that equal characters are equal.
    const text = encodeReserved(uri);
    if (text.length > uriBytesMax) return undefined;
    // Most URIs belong to some other template.
    if (typeof head === 'string' && !text.startsWith(head)) return undefined;
    return matchAtoms(atoms, text);
  };
}

/** Values found so far. A variable may appear twice, whole or cut to a prefix. */
class Findings {
  readonly #whole = new Map<string, string | string[]>();
  readonly #prefixes = new Map<string, string>();

  add({ name, prefix, explode }: Variable, encoded: string, separator: string): boolean {
    const decoded = decodeAll(explode ? encoded.split(separator) : [encoded]);
    const [only] = decoded ?? [];
    if (decoded === undefined || only === undefined) return false;
    if (prefix !== undefined && Array.from(only).length > prefix) return false;
    const earlier = prefix === undefined ? this.#whole.get(name) : this.#prefixes.get(name);
    if (earlier !== undefined && String(earlier) !== String(explode ? decoded : only)) return false;
    if (prefix === undefined) this.#whole.set(name, explode ? decoded : only);
    else this.#prefixes.set(name, only);
    return true;
  }

  /** All of it, or undefined when a prefix is not the beginning of the whole. */
  result(): Match | undefined {
    for (const [name, prefix] of this.#prefixes) {
      const whole = this.#whole.get(name) ?? prefix;
      if (typeof whole !== 'string' || !whole.startsWith(prefix)) return undefined;
      this.#whole.set(name, whole);
    }
    return Object.fromEntries(this.#whole);
  }
}

function decodeAll(texts: readonly string[]): string[] | undefined {
  try {
    return texts.map((text) => decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

function makeAtoms(parts: readonly Part[]): readonly Atom[] {
  const atoms: Atom[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined) continue;
    if (typeof part === 'string') atoms.push({ kind: 'literal', text: part });
    else if (!operatorRules[part.operator].named) pushPositional(part, atoms);
    else {
      // "{?a}{&b}" is one list of names, in any order.
      const variables = [...part.variables];
      for (let next = parts[index + 1]; continues(part, next); next = parts[index + 1]) {
        variables.push(...next.variables);
        index += 1;
      }
      pushNamed({ operator: part.operator, variables }, atoms);
    }
  }
  return atoms;
}

function continues(expression: Expression, next: Part | undefined): next is Expression {
  if (next === undefined || typeof next === 'string') return false;
  const { first, separator, named } = operatorRules[next.operator];
  return named && first === separator && separator === operatorRules[expression.operator].separator;
}

/** Values that are known by their order: the first may be missing only if something marks it. */
function pushPositional({ operator, variables }: Expression, atoms: Atom[]): void {
  const { first, separator, reserved } = operatorRules[operator];
  const options: { end: number }[] = [];
  for (const [index, variable] of variables.entries()) {
    const mark = index === 0 ? first : separator;
    if (mark !== '') {
      options.push(pushOption(atoms));
      atoms.push({ kind: 'literal', text: mark });
    }
    const alone = variables.length === 1;
    atoms.push({
      kind: 'value',
      allowed: allowedCharacters(
        reserved ? reservedMarks : segmentMarks,
        alone ? '' : separator,
        variable.explode ? separator : '',
      ),
      charactersMax: variable.prefix ?? Infinity,
      take: (text, into) => into.add(variable, text, separator),
    });
  }
  for (const option of options) option.end = atoms.length;
}

function pushNamed({ operator, variables }: Expression, atoms: Atom[]): void {
  const { first, separator } = operatorRules[operator];
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const option = pushOption(atoms);
  atoms.push({ kind: 'literal', text: first });
  atoms.push({
    kind: 'value',
    allowed: allowedCharacters(separator === ';' ? parameterMarks : queryMarks, '', separator),
    charactersMax: Infinity,
    take: (text, into) => takeNamed(text, separator, byName, into),
  });
  option.end = atoms.length;
}

function pushOption(atoms: Atom[]): { end: number } {
  const option = { kind: 'option' as const, end: 0 };
  atoms.push(option);
  return option;
}

function takeNamed(
  text: string,
  separator: string,
  byName: ReadonlyMap<string, Variable>,
  into: Findings,
): boolean {
  const values = new Map<Variable, string[]>();
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    const variable = byName.get(equals === -1 ? pair : pair.slice(0, equals));
    if (variable === undefined) return false;
    const known = values.get(variable);
    if (known !== undefined && !variable.explode) return false;
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    if (known === undefined) values.set(variable, [value]);
    else known.push(value);
  }
  for (const [variable, list] of values) {
    if (!into.add(variable, list.join(separator), separator)) return false;
  }
  return true;
}

// What RFC 3986 allows, beside letters, digits, "-._~" and "%": in a path segment, in ";x=y", in a
// query, and anywhere. A raw comma always separates, except where reserved characters are allowed.
const segmentMarks = "!$&'()*+;=:@";
const parameterMarks = "!$&'()*+=:@,";
const queryMarks = "!$'()*+;=:@,/?";
const reservedMarks = "!$&'()*+;=:@,/?#[]";

function allowedCharacters(marks: string, without: string, and: string): Uint8Array {
  const allowed = new Uint8Array(128);
  const set = (text: string, to: number): void => {
    for (let index = 0; index < text.length; index += 1) allowed[text.charCodeAt(index)] = to;
  };
  set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%', 1);
  set(marks, 1);
  set(without, 0);
  set(and, 1);
  return allowed;
}

function matchAtoms(atoms: readonly Atom[], text: string): Match | undefined {
  const characters = indexCharacters(text);
  const reach = reachable(atoms, text, characters);
  if (reach[0]?.[0] !== 1) return undefined;
  const findings = new Findings();
  // After a value, what is optional should be there rather than not.
  const restsOf = (index: number): readonly (Uint8Array | undefined)[] =>
    atoms[index + 1]?.kind === 'option' ? [reach[index + 2], reach[index + 1]] : [reach[index + 1]];
  let at = 0;
  for (let index = 0; index < atoms.length;) {
    const atom = atoms[index];
    if (atom === undefined) break;
    if (atom.kind === 'option') {
      index = reach[index + 1]?.[at] === 1 ? index + 1 : atom.end;
      continue;
    }
    const end =
      atom.kind === 'literal'
        ? at + atom.text.length
        : chooseEnd(at, furthest(atom, text, at, characters), characters, restsOf(index));
    if (atom.kind === 'value' && !atom.take(text.slice(at, end), findings)) return undefined;
    at = end;
    index += 1;
  }
  return findings.result();
}

/** For each atom, and for the end, the positions from which the rest of the text can be matched. */
function reachable(
  atoms: readonly Atom[],
  text: string,
  characters: Characters,
): readonly Uint8Array[] {
  const none = new Uint8Array(text.length + 1);
  const end = new Uint8Array(text.length + 1);
  end[text.length] = 1;
  const reach: Uint8Array[] = [];
  reach[atoms.length] = end;
  for (let index = atoms.length - 1; index >= 0; index -= 1) {
    const atom = atoms[index];
    const next = reach[index + 1] ?? none;
    if (atom === undefined) continue;
    if (atom.kind === 'literal') reach[index] = beforeLiteral(atom.text, text, next);
    else if (atom.kind === 'value') reach[index] = beforeValue(atom, text, next, characters);
    else {
      const skipped = reach[atom.end] ?? none;
      reach[index] = next.map((taken, at) => (taken === 1 ? 1 : (skipped[at] ?? 0)));
    }
  }
  return reach;
}

function beforeLiteral(literal: string, text: string, next: Uint8Array): Uint8Array {
  const here = new Uint8Array(text.length + 1);
  for (let at = text.length - literal.length; at >= 0; at -= 1) {
    if (next[at + literal.length] === 1 && text.startsWith(literal, at)) here[at] = 1;
  }
  return here;
}

type ValueAtom = Extract<Atom, { kind: 'value' }>;

function beforeValue(
  atom: ValueAtom,
  text: string,
  next: Uint8Array,
  characters: Characters,
): Uint8Array {
  const here = new Uint8Array(text.length + 1);
  // The last position up to each one at which the rest can begin.
  const last = new Int32Array(text.length + 1);
  let latest = -1;
  for (let at = 0; at <= text.length; at += 1) {
    if (next[at] === 1 && characters.inside[at] === 0) latest = at;
    last[at] = latest;
  }
  let runEnd = text.length;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (characters.inside[at] === 1) continue;
    if (atom.allowed[text.charCodeAt(at)] !== 1) runEnd = at;
    const limit = Math.min(runEnd, cut(at, atom.charactersMax, text, characters));
    if ((last[limit] ?? -1) > at) here[at] = 1;
  }
  return here;
}

/** How far a value that begins at `at` can extend. */
function furthest(atom: ValueAtom, text: string, at: number, characters: Characters): number {
  const limit = cut(at, atom.charactersMax, text, characters);
  let end = at;
  while (
    end < limit &&
    (characters.inside[end] === 1 || atom.allowed[text.charCodeAt(end)] === 1)
  ) {
    end += 1;
  }
  return end;
}

/** The longest value after which one of `rests` can be matched, the first of them if possible. */
function chooseEnd(
  start: number,
  limit: number,
  characters: Characters,
  rests: readonly (Uint8Array | undefined)[],
): number {
  for (const rest of rests) {
    for (let end = limit; end > start; end -= 1) {
      if (rest?.[end] === 1 && characters.inside[end] === 0) return end;
    }
  }
  return start;
}

interface Characters {
  /** One at positions inside of a character such as "%C3%A9", where nothing may begin or end. */
  readonly inside: Uint8Array;
  /** For each position, how many characters begin before it. */
  readonly before: Int32Array;
  readonly starts: readonly number[];
}

function indexCharacters(text: string): Characters {
  const inside = new Uint8Array(text.length + 1);
  const before = new Int32Array(text.length + 1);
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    before[at] = starts.length;
    if (inside[at] === 1) continue;
    const encoded = text.charAt(at) === '%';
    if (encoded) inside.fill(1, at + 1, at + 3);
    // In UTF-8 a byte from %80 to %BF continues the character of the byte before it.
    const continued = encoded && text.charAt(at - 3) === '%' && inside[at - 1] === 1;
    if (continued && /^[89ABab]$/.test(text.charAt(at + 1))) inside[at] = 1;
    else starts.push(at);
  }
  before[text.length] = starts.length;
  return { inside, before, starts };
}

/** Where a value of at most `charactersMax` characters has to end. */
function cut(at: number, charactersMax: number, text: string, characters: Characters): number {
  if (charactersMax === Infinity) return text.length;
  return characters.starts[(characters.before[at] ?? 0) + charactersMax] ?? text.length;
}
