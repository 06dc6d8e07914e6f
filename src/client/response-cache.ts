import type { Result } from '../exchange.js';
import { type Limits, resolveLimits } from '../limits.js';

/** What an answer answers, as far as keeping it goes. */
export interface AnswerKey {
  /** The server and the words it was asked in; empty where a cache has one client only. */
  readonly scope: string;
  readonly method: string;
  /** The cursor or the URI; undefined for what has neither. */
  readonly target: string | undefined;
}

/**
 * Answers that servers allowed to be kept, for as long as they said, bounded by entries and bytes.
 * One may be handed to many clients: they share what is `public` and nothing else.
 */
export interface ResponseCache {
  /** The answer while it is fresh, with the time that it has left as `ttlMs`. */
  get(key: AnswerKey, nowMs: number): Result | undefined;
  /** Keeps a copy. Does nothing when answers of the kind were dropped since `since`. */
  set(key: AnswerKey, result: Result, life: { expiresAtMs: number; since: number }): void;
  drop(which: (key: AnswerKey) => boolean): void;
  /** Grows with each drop. */
  readonly drops: number;
  readonly size: number;
  readonly bytes: number;
  clear(): void;
}

interface Entry {
  readonly key: AnswerKey;
  readonly result: Result;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

export function createResponseCache(changes: Partial<Limits> = {}): ResponseCache {
  const { cacheEntriesMax, cacheBytesMax } = resolveLimits(changes);
  // In the order of use, oldest first.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let drops = 0;

  const remove = (name: string): Entry | undefined => {
    const entry = entries.get(name);
    if (entry === undefined) return undefined;
    entries.delete(name);
    bytes -= entry.bytes;
    return entry;
  };
  const put = (name: string, entry: Entry): void => {
    entries.set(name, entry);
    bytes += entry.bytes;
  };
  const drop = (which: (key: AnswerKey) => boolean): void => {
    drops += 1;
    for (const [name, { key }] of entries) if (which(key)) remove(name);
  };

  return {
    get(key, nowMs) {
      if (entries.size === 0) return undefined;
      const name = nameOf(key);
      const entry = remove(name);
      if (entry === undefined || nowMs >= entry.expiresAtMs) return undefined;
      put(name, entry);
      return { ...entry.result, ttlMs: entry.expiresAtMs - nowMs };
    },
    set(key, result, { expiresAtMs, since }) {
      // What was on its way when a notice came may be older than the notice.
      if (since !== drops) return;
      const copy = frozenCopy(result, cacheBytesMax);
      const name = nameOf(key);
      remove(name);
      if (copy === undefined) return;
      put(name, { key, result: copy.value as Result, bytes: copy.bytes, expiresAtMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= cacheEntriesMax && bytes <= cacheBytesMax) break;
        remove(oldest);
      }
    },
    drop,
    get drops() {
      return drops;
    },
    get size() {
      return entries.size;
    },
    get bytes() {
      return bytes;
    },
    clear: () => drop(() => true),
  };
}

function nameOf({ scope, method, target }: AnswerKey): string {
  return target === undefined ? `${scope} ${method}` : `${scope} ${method} ${target}`;
}

/**
 * A copy that nobody can change, as many will be handed the same, and about how much memory it
 * takes. Undefined for what is too large to keep.
 */
function frozenCopy(
  value: unknown,
  bytesMax: number,
): { readonly value: unknown; readonly bytes: number } | undefined {
  let bytes = 0;
  const copy = (part: unknown, depth: number): unknown => {
    bytes += typeof part === 'string' ? 2 * part.length + 16 : 16;
    if (depth > depthMax) bytes = Infinity;
    if (bytes > bytesMax) return undefined;
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) {
      return Object.freeze(part.map((item: unknown) => copy(item, depth + 1)));
    }
    const members = Object.entries(part).map(([name, member]) => {
      bytes += 2 * name.length + 16;
      return [name, copy(member, depth + 1)] as const;
    });
    return Object.freeze(Object.fromEntries(members));
  };
  const copied = copy(value, 0);
  return bytes > bytesMax ? undefined : { value: copied, bytes };
}

// Messages from the wire are bounded further down; a server in this process may hand over anything.
const depthMax = 100;
