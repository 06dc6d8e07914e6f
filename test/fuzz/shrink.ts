/** Ways to make inputs smaller. */
import type { Case } from './target.js';

const attemptsMax = 3000;
const msMax = 20_000;

/** The smallest case found that still fails, and why it does. */
export async function shrink(
  failing: Case,
  fails: (one: Case) => Promise<string | undefined>,
): Promise<{ smallest: Case; why: string | undefined }> {
  const until = Date.now() + msMax;
  let smallest = failing;
  let why: string | undefined;
  let attempts = 0;
  for (let progress = true; progress;) {
    progress = false;
    for (const one of smallest.smaller()) {
      if (++attempts > attemptsMax || Date.now() > until) return { smallest, why };
      const reason = await fails(one);
      if (reason === undefined) continue;
      [smallest, why, progress] = [one, reason, true];
      break;
    }
  }
  return { smallest, why };
}

/** Bytes with parts left out: halves first, then ever smaller pieces. */
export function* fewerBytes(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let size = bytes.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < bytes.length; at += size) {
      const left = new Uint8Array(bytes.length - Math.min(size, bytes.length - at));
      left.set(bytes.subarray(0, at));
      left.set(bytes.subarray(at + size), at);
      yield left;
    }
  }
}

export function* shorterText(text: string): Iterable<string> {
  for (let size = text.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < text.length; at += size) yield text.slice(0, at) + text.slice(at + size);
  }
}

export function* fewerItems<T>(items: readonly T[]): Iterable<T[]> {
  for (let size = items.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < items.length; at += size) yield items.toSpliced(at, size);
  }
  if (items.length === 1) yield [];
}

/** The list with one item replaced by something smaller. */
export function* smallerItems<T>(
  items: readonly T[],
  smaller: (item: T) => Iterable<T>,
): Iterable<T[]> {
  for (const [at, item] of items.entries()) {
    for (const one of smaller(item)) yield items.with(at, one);
  }
}

/** A JSON value with a member or item left out somewhere, or a part put for the whole. */
export function* smallerJson(value: unknown): Iterable<unknown> {
  if (typeof value === 'string' && value !== '') {
    yield '';
    if (value.length > 1) yield value.slice(0, value.length >> 1);
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    yield* fewerItems(value);
    yield* smallerItems<unknown>(value, smallerJson);
    return;
  }
  const entries = Object.entries(value);
  for (const fewer of fewerItems(entries)) yield objectOf(fewer);
  for (const [at, [name, member]] of entries.entries()) {
    for (const one of smallerJson(member)) yield objectOf(entries.with(at, [name, one]));
  }
}

/** As `Object.fromEntries`, where `__proto__` is a name like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}
