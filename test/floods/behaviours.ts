/** Ways to hold a connection for as long as a server allows. */
import type { Limits } from '../../src/limits.js';
import { modernCall } from '../hostile/attack.js';
import { wireBytes } from '../hostile/bytes.js';

export interface Behaviour {
  readonly name: string;
  /** How many of a thousand connections do so. */
  readonly share: number;
  /** When the server should have ended it, in ms from when it began to be slow. */
  readonly cutAfterMs: number;
  /** What is sent at once. */
  readonly first: Buffer;
  /** What follows, again and again. */
  readonly drip?: { readonly bytes: Buffer; readonly everyMs: number };
}

const dripMs = 250;

/** Node waits so much longer than it says, so that nobody is cut while sending. */
const nodeIdleMs = 1000;

export function behavioursFor(limits: Limits, port: number): readonly Behaviour[] {
  const whole = wireBytes(modernCall('look'), { port });
  const bodyAt = whole.indexOf('\r\n\r\n') + 4;
  const headOf = (framing: string): Buffer =>
    Buffer.from(
      `${whole
        .subarray(0, bodyAt - 2)
        .toString('latin1')
        .replace(/content-length: [0-9]+\r\n/i, '')}${framing}\r\n\r\n`,
      'latin1',
    );
  const stated = headOf('Content-Length: 1000000');
  const chunked = headOf('Transfer-Encoding: chunked');
  const { headersMs, bodyMs, bodyGraceMs, bodyBytesPerSecondMin, idleConnectionMs } = limits;
  /** So much of the least pace, as often as all drips. */
  const paced = (part: number): Buffer =>
    Buffer.alloc(Math.round((bodyBytesPerSecondMin * part * dripMs) / 1000), ' ');
  const slow = { bytes: paced(0.7), everyMs: dripMs };
  const steady = { bytes: paced(1.4), everyMs: dripMs };
  const letter = { bytes: Buffer.from('x'), everyMs: dripMs };

  return [
    { name: 'silence', share: 150, cutAfterMs: headersMs, first: Buffer.alloc(0) },
    {
      name: 'blank lines',
      share: 50,
      cutAfterMs: headersMs,
      first: Buffer.alloc(0),
      drip: { bytes: Buffer.from('\r\n'), everyMs: dripMs },
    },
    {
      name: 'headers, letter by letter',
      share: 150,
      cutAfterMs: headersMs,
      first: whole.subarray(0, bodyAt - 2),
      drip: letter,
    },
    {
      name: 'half of the headers',
      share: 100,
      cutAfterMs: headersMs,
      first: whole.subarray(0, bodyAt / 2),
    },
    { name: 'no body', share: 100, cutAfterMs: bodyGraceMs, first: stated },
    {
      name: 'a body below the pace',
      share: 100,
      cutAfterMs: bodyGraceMs,
      first: stated,
      drip: slow,
    },
    {
      name: 'a body above the pace',
      share: 50,
      cutAfterMs: bodyMs,
      first: stated,
      drip: steady,
    },
    {
      name: 'chunks below the pace',
      share: 100,
      cutAfterMs: bodyGraceMs,
      first: chunked,
      drip: { bytes: Buffer.from('1\r\n \r\n'), everyMs: dripMs },
    },
    {
      name: 'chunks above the pace',
      share: 40,
      cutAfterMs: bodyMs,
      first: chunked,
      drip: { bytes: chunkOf(steady.bytes), everyMs: dripMs },
    },
    {
      name: 'idle',
      share: 100,
      cutAfterMs: idleConnectionMs + nodeIdleMs,
      first: whole,
    },
    {
      name: 'a second request, letter by letter',
      share: 50,
      cutAfterMs: Math.max(headersMs, idleConnectionMs + nodeIdleMs),
      first: Buffer.concat([whole, whole.subarray(0, bodyAt - 2)]),
      drip: letter,
    },
  ];
}

function chunkOf(bytes: Buffer): Buffer {
  const size = `${bytes.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(size), bytes, Buffer.from('\r\n')]);
}
