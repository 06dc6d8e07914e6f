/**
 * Small checkers to build larger ones from. Each is a closure made once; it says nothing when the
 * value is fine, and names the first problem otherwise. Unknown members are never looked at.
 */
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';

/**
 * Returns nothing when `value` is a `T`, else a sentence that begins with `path`:
 * `params.name must be a string`.
 */
export interface Checker<T = unknown> {
  (value: unknown, path: string): string | undefined;
  /** Never present. It carries the type, so that `read` can hand it on. */
  readonly checked?: T;
}

export const anything: Checker<unknown> = () => undefined;

export const string: Checker<string> = (value, path) =>
  typeof value === 'string' ? undefined : `${path} must be a string`;

export const boolean: Checker<boolean> = (value, path) =>
  typeof value === 'boolean' ? undefined : `${path} must be true or false`;

/** A finite number: JSON has no other, but 1e999 parses to Infinity. */
export const number: Checker<number> = (value, path) =>
  Number.isFinite(value) ? undefined : `${path} must be a number`;

export const integer: Checker<number> = (value, path) =>
  Number.isInteger(value) ? undefined : `${path} must be an integer`;

/** A request id or a progress token. */
export const stringOrInteger: Checker<string | number> = (value, path) =>
  typeof value === 'string' || Number.isInteger(value)
    ? undefined
    : `${path} must be a string or an integer`;

export const jsonObject: Checker<JsonObject> = (value, path) =>
  isJsonObject(value) ? undefined : `${path} must be an object`;

export function literal<const T extends string | number>(wanted: T): Checker<T> {
  const problem = ` must be ${JSON.stringify(wanted)}`;
  return (value, path) => (value === wanted ? undefined : path + problem);
}

export function oneOf<const T extends string>(wanted: readonly T[]): Checker<T> {
  const allowed: ReadonlySet<unknown> = new Set(wanted);
  const problem = ` must be one of ${wanted.map((one) => JSON.stringify(one)).join(', ')}`;
  return (value, path) => (allowed.has(value) ? undefined : path + problem);
}

export function arrayOf<T>(item: Checker<T>, itemsMax: number = Infinity): Checker<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be an array`;
    if (value.length > itemsMax) return `${path} must have at most ${itemsMax} items`;
    for (let index = 0; index < value.length; index++) {
      const problem = item(value[index], '');
      if (problem !== undefined) return `${path}[${index}]${problem}`;
    }
    return undefined;
  };
}

/** An object whose members, whatever their names, all pass `member`. */
export function recordOf<T>(member: Checker<T>): Checker<{ readonly [key: string]: T }> {
  return (value, path) => {
    if (!isJsonObject(value)) return `${path} must be an object`;
    for (const key of Object.keys(value)) {
      const problem = member(value[key], '');
      if (problem !== undefined) return path + memberPath(key) + problem;
    }
    return undefined;
  };
}

type KeyOf<T> = T extends unknown ? keyof T & string : never;
type Members<T> = { readonly [key in unknown extends T ? string : KeyOf<T>]?: Checker };

/** An object with the members named. A member that is `undefined` counts as absent. */
export function object<T>(
  required: Members<NoInfer<T>>,
  optional: Members<NoInfer<T>> = {},
): Checker<T> {
  const needed = compile(required);
  const allowed = compile(optional);
  return (value, path) => {
    if (!isJsonObject(value)) return `${path} must be an object`;
    for (const { key, at, checker } of needed) {
      const problem = checker(value[key], '');
      if (problem !== undefined) {
        return path + at + (value[key] === undefined ? ` is missing: it${problem}` : problem);
      }
    }
    for (const { key, at, checker } of allowed) {
      const member = value[key];
      if (member === undefined) continue;
      const problem = checker(member, '');
      if (problem !== undefined) return path + at + problem;
    }
    return undefined;
  };
}

/** A member that must be there, whatever it is. */
export const present: Checker<unknown> = (value, path) =>
  value === undefined ? `${path} must be present` : undefined;

/** Objects told apart by the string in their member `tag`. */
export function variant<T>(
  tag: string,
  variants: { readonly [name: string]: Checker<T> },
): Checker<T> {
  const byName = new Map<unknown, Checker<T>>(Object.entries(variants));
  const tagIs = oneOf(Object.keys(variants));
  return (value, path) => {
    if (!isJsonObject(value)) return `${path} must be an object`;
    const checker = byName.get(value[tag]);
    return checker === undefined ? tagIs(value[tag], `${path}.${tag}`) : checker(value, path);
  };
}

/** One value, or an array of them. */
export function oneOrMany<T>(item: Checker<T>): Checker<T | readonly T[]> {
  const many = arrayOf(item);
  return (value, path) => (Array.isArray(value) ? many(value, path) : item(value, path));
}

/** Passes what every checker passes. */
export function both<A, B>(first: Checker<A>, second: Checker<B>): Checker<A & B> {
  return (value, path) => first(value, path) ?? second(value, path);
}

/** Passes a value that is not there, too. */
export function maybe<T>(checker: Checker<T>): Checker<T | undefined> {
  return (value, path) => (value === undefined ? undefined : checker(value, path));
}

interface CompiledMember {
  readonly key: string;
  /** How the member is written behind its object's path. */
  readonly at: string;
  readonly checker: Checker;
}

function compile(members: { readonly [key: string]: Checker | undefined }): CompiledMember[] {
  return Object.entries(members).flatMap(([key, checker]) =>
    checker === undefined ? [] : [{ key, at: memberPath(key), checker }],
  );
}

/** Long keys are cut: a sentence about a stranger's message stays short. */
function memberPath(key: string): string {
  if (/^[A-Za-z_$][\w$]{0,63}$/.test(key)) return `.${key}`;
  return `[${JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key)}]`;
}
