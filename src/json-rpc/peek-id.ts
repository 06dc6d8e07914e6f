import type { RequestId } from './message.js';
import { endOfString } from './scan.js';

/** How far into a message that cannot be parsed its id is looked for. */
export const peekedBytesMax = 4096;

export interface Peeked {
  readonly id: RequestId | undefined;
  /** True when a `result` or `error` was seen: the message is an answer, so never answer it. */
  readonly response: boolean;
}

/** The id of a message that cannot be parsed, if its first bytes show one. Never throws. */
export function peekId(bytes: Uint8Array): RequestId | undefined {
  return peekEnvelope(bytes).id;
}

/** As `peekId`, and whether the message is an answer. */
export function peekEnvelope(bytes: Uint8Array): Peeked {
  const head = bytes.subarray(0, peekedBytesMax);
  let id: RequestId | undefined;
  let ids = 0;
  let response = false;
  let depth = 0;
  for (let i = 0; i < head.length; i++) {
    const byte = head[i] as number;
    if ((byte | 0x20) === 0x7b) depth++;
    else if ((byte | 0x20) === 0x7d) depth--;
    if (byte !== quote) continue;
    const end = endOfString(head, i + 1);
    if (depth === 1) {
      const name = memberName(head, i + 1, end - 1);
      const at = name === undefined ? -1 : afterColon(head, end);
      if (name === 'id' && at !== -1) {
        ids++;
        id = readId(head, at);
      } else if (at !== -1) {
        response = true;
      }
    }
    i = end - 1;
  }
  // Of two ids nobody can tell which one is meant.
  return { id: ids === 1 ? id : undefined, response };
}

const quote = 0x22;
const comma = 0x2c;
const closingBrace = 0x7d;
const names = ['id', 'result', 'error'] as const;

function memberName(bytes: Uint8Array, from: number, to: number): string | undefined {
  return names.find(
    (name) => name.length === to - from && [...name].every((c, i) => bytes[from + i] === code(c)),
  );
}

function code(char: string): number {
  return char.charCodeAt(0);
}

/** Where the value begins if a colon follows, else -1. */
function afterColon(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from);
  return bytes[at] === 0x3a ? skipSpace(bytes, at + 1) : -1;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let i = from;
  while (bytes[i] === 0x20 || bytes[i] === 0x09 || bytes[i] === 0x0d || bytes[i] === 0x0a) i++;
  return i;
}

function readId(bytes: Uint8Array, from: number): RequestId | undefined {
  let to = from;
  if (bytes[from] === quote) {
    to = endOfString(bytes, from + 1);
  } else {
    while (bytes[to] === 0x2d || isDigit(bytes[to])) to++;
  }
  // What runs to the very end may have been cut off, and what goes on is no integer.
  const next = bytes[skipSpace(bytes, to)];
  if (next !== comma && next !== closingBrace) return undefined;
  try {
    const id: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(from, to)));
    return isRequestId(id, stringIdLengthPeeked) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Matches the default bound of string ids; a longer one is not worth repeating in an error. */
const stringIdLengthPeeked = 256;

export function isRequestId(value: unknown, stringLengthMax: number): value is RequestId {
  return typeof value === 'string' ? value.length <= stringLengthMax : Number.isSafeInteger(value);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
