import type { ParseBounds } from './parse.js';

/** What `scanJson` answers in place of a count when a bound is passed. */
export const overBound = { depth: -1, nodes: -2, keys: -3, number: -4 } as const;

/** Deeper nesting than this overflows the stack of those who walk the parsed value. */
export const nestingMax = 1000;

// Parsing never yields, so all scans share one set of counters: members seen per open container.
const membersAt = new Int32Array(nestingMax + 2);

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * One pass over the bytes of a JSON text before it is parsed, so that no text within the size bound
 * can become a huge heap or a deep stack. Answers how many object members the text has, or one of
 * `overBound`. It does not judge the syntax: the counts are exact for what `JSON.parse` accepts.
 */
export function scanJson(bytes: Uint8Array, bounds: ParseBounds): number {
  const { nodesMax, objectKeysMax, numberLengthMax } = bounds;
  const depthMax = Math.min(bounds.depthMax, nestingMax);
  const end = bytes.length;
  let depth = 0;
  let nodes = 0;
  let members = 0;
  let i = 0;
  membersAt[0] = 0;
  while (i < end) {
    const byte = bytes[i++] as number;
    if (byte === quote) {
      nodes++;
      i = endOfString(bytes, i);
    } else if (byte === colon) {
      // The string before the colon was a key, not a value.
      nodes--;
      members++;
      const count = (membersAt[depth] as number) + 1;
      membersAt[depth] = count;
      if (count > objectKeysMax) return overBound.keys;
    } else if ((byte | 0x20) === 0x7b) {
      nodes++;
      if (++depth > depthMax) return overBound.depth;
      membersAt[depth] = 0;
    } else if ((byte | 0x20) === 0x7d) {
      if (depth > 0) depth--;
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      nodes++;
      const start = i - 1;
      while (i < end && isNumberByte(bytes[i] as number)) i++;
      if (i - start > numberLengthMax) return overBound.number;
    } else if (isLowerCase(byte)) {
      nodes++;
      while (i < end && isLowerCase(bytes[i] as number)) i++;
    }
    if (nodes > nodesMax) return overBound.nodes;
  }
  return members;
}

/** Past this many bytes of one string a native search is faster than a loop. */
const shortStringBytes = 64;

/** The index after the closing quote of a string whose content begins at `from`. */
export function endOfString(bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  let i = from;
  while (i < end) {
    const searchAt = Math.min(i + shortStringBytes, end);
    while (i < searchAt) {
      const byte = bytes[i] as number;
      if (byte === quote) return i + 1;
      i += byte === backslash ? 2 : 1;
    }
    const found = bytes.indexOf(quote, i);
    if (found === -1) return end;
    if (!isEscaped(bytes, i, found)) return found + 1;
    i = found + 1;
  }
  return end;
}

/** True when an odd run of backslashes, none of them before `from`, stands before `at`. */
function isEscaped(bytes: Uint8Array, from: number, at: number): boolean {
  let run = at;
  while (run > from && bytes[run - 1] === backslash) run--;
  return (at - run) % 2 === 1;
}

function isLowerCase(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

/** A digit or one of `+ - . e E`. */
function isNumberByte(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  return byte === 0x2e || byte === 0x2b || byte === 0x2d || (byte | 0x20) === 0x65;
}
