/**
 * Text in an HTTP header: as it is where a header can hold it, else between the markers
 * `=?base64?` and `?=` (2026-07-28 streamable-http, "Value Encoding").
 */
import { fromBase64, toBase64 } from './base64.js';

export function encodeHeaderValue(text: string): string {
  if (isPlain(text) && !(text.startsWith(opening) && text.endsWith(closing))) return text;
  return opening + toBase64(new TextEncoder().encode(text)) + closing;
}

/**
 * The text, or nothing where the value is malformed: characters that no header may hold, or a
 * complete pair of markers around something else than base64 of UTF-8. A marker alone is just text.
 */
export function decodeHeaderValue(value: string): string | undefined {
  const text = withoutOuterBlanks(value);
  const marked = text.length >= opening.length + closing.length;
  if (marked && text.startsWith(opening) && text.endsWith(closing)) {
    const bytes = fromBase64(text.slice(opening.length, -closing.length));
    return bytes === undefined ? undefined : decodeUtf8(bytes);
  }
  return isPlain(text) ? text : undefined;
}

const opening = '=?base64?';
const closing = '?=';

/** Visible ASCII, with spaces inside only. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) && !text.startsWith(' ') && !text.endsWith(' ');
}

/** What HTTP itself strips from a field value: spaces and tabs, no other white space. */
function withoutOuterBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

// A byte order mark is part of the text: without it the value would differ from the body's.
const utf8: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
