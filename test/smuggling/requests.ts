/** The pieces that raw requests are put together from. */
import { modern } from '../hostile/attack.js';

/** Stands for the marker of the request that is sent openly. As long as a marker. */
export const open = 'OPENMARK';
/** Stands for the marker of what is hidden in it, or behind it. */
export const hidden = 'HIDEMARK';

export const host = 'mcp.example.com';
export const post = 'POST /mcp HTTP/1.1';

const call = {
  Host: host,
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'tools/call',
  'Mcp-Name': 'mark',
};

/** The message that runs the tool `mark`, which notes the marker. */
export function bodyOf(marker: string): string {
  const message = modern('tools/call', { name: 'mark', arguments: { marker } });
  return JSON.stringify({ ...message, id: marker });
}

/** The header lines of a good call, but for how its body is framed. */
export function linesOf(marker: string): string[] {
  const lines = Object.entries(call).map(([name, value]) => `${name}: ${value}`);
  return [...lines, `X-Marker: ${marker}`];
}

/** The whole of a good call. */
export function whole(marker: string, first: string = post): string {
  const body = bodyOf(marker);
  return [first, ...linesOf(marker), lengthOf(body), '', body].join('\r\n');
}

export function lengthOf(body: string): string {
  return `Content-Length: ${body.length}`;
}

export const chunked = 'Transfer-Encoding: chunked';

/** A text as one chunk, and the last. */
export function chunksOf(text: string): string {
  return `${hexOf(text)}\r\n${text}\r\n0\r\n\r\n`;
}

export function hexOf(text: string): string {
  return text.length.toString(16);
}

/** An open call with `lines` and then `rest` behind its head. */
export function send(lines: readonly string[], rest: string, first: string = post): string {
  return [first, ...linesOf(open), ...lines, '', rest].join('\r\n');
}

/** An open call, the lines of whose head are its own affair. */
export function sendBare(first: string, lines: readonly string[], rest: string): string {
  return [first, ...lines, '', rest].join('\r\n');
}

/** The call that is smuggled. */
export const smuggled: string = whole(hidden);
/** The body of an honest open call. */
export const honest: string = bodyOf(open);

/** A raw request, or several on one connection. */
export interface Row {
  readonly name: string;
  /** As sent; `open` and `hidden` in it stand for markers that are filled in. */
  readonly bytes: string;
  /** Two honest requests, one behind the other: both must be answered, in this order. */
  readonly isPipeline?: true;
  /** The frame is sound by the grammar, so that what stands behind it is a request of its own. */
  readonly isSound?: boolean;
  /** An honest request, if odd: everybody must answer it. */
  readonly isGood?: true;
  /** Goes away without waiting for anything. */
  readonly hangsUp?: true;
  /** The method, on which the frame of the answer depends. Default POST. */
  readonly method?: string;
}
