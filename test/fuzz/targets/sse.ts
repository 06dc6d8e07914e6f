/** Event streams: the same events whatever the chunks, and those that a plain reading finds. */
import { McpError } from '../../../src/errors.js';
import { createSseDecoder } from '../../../src/transports/http/sse-decode.js';
import { encodeSseComment, encodeSseEvent } from '../../../src/transports/http/sse-encode.js';
import { oddText, piecesOf, wellFormed } from '../json.js';
import type { Random } from '../random.js';
import { fewerBytes, fewerItems } from '../shrink.js';
import { defineTarget, insist, insistSame, type Target } from '../target.js';

/** Decodes chunks into what the stream said, in order. */
export type Decode = (chunks: readonly Uint8Array[], eventBytesMax: number) => readonly string[];

interface Input {
  readonly pieces: readonly Uint8Array[];
  readonly eventBytesMax: number;
  /** What was encoded, when the stream was. */
  readonly wanted?: readonly string[];
}

export function sseTarget(decode: Decode = decodeSse): Target {
  return defineTarget<Input>({
    name: 'sse',
    share: 24,
    make: (random) => (random.chance(30) ? makeEncoded(random) : makeStream(random)),
    run({ pieces, eventBytesMax, wanted }) {
      const whole = joined(pieces);
      const said = decode(pieces, eventBytesMax);
      insistSame(said, decode([whole], eventBytesMax), 'The events by chunks and in one');
      insistSame(said, referenceSse(whole, eventBytesMax), 'The events and the plain reading');
      if (wanted !== undefined) insistSame(said, wanted, 'What was decoded and encoded');
    },
    *smaller({ pieces, eventBytesMax }) {
      const whole = joined(pieces);
      if (pieces.length > 2) {
        for (let at = 1; at < whole.length; at++) {
          yield { pieces: [whole.subarray(0, at), whole.subarray(at)], eventBytesMax };
        }
        for (const fewer of fewerItems(pieces)) yield { pieces: fewer, eventBytesMax };
      }
      for (const [at, piece] of pieces.entries()) {
        for (const less of fewerBytes(piece))
          yield { pieces: pieces.with(at, less), eventBytesMax };
      }
    },
    show: ({ pieces, eventBytesMax }) =>
      JSON.stringify({ eventBytesMax, pieces: pieces.map((piece) => latin1(piece)) }),
  });
}

export function decodeSse(chunks: readonly Uint8Array[], eventBytesMax: number): readonly string[] {
  const said: string[] = [];
  const decoder = createSseDecoder({
    eventBytesMax,
    onEvent: ({ event, id, data }) => said.push(`event ${JSON.stringify([event, id, data])}`),
    onRetry: (ms) => said.push(`retry ${ms}`),
    onId: (id) => said.push(`id ${JSON.stringify(id)}`),
  });
  try {
    for (const chunk of chunks) decoder.feed(chunk);
    decoder.end();
  } catch (thrown) {
    insist(
      thrown instanceof McpError && thrown.kind === 'tooLarge',
      () => `threw ${String(thrown)}`,
    );
    said.push('too large');
  }
  return said;
}

/** WHATWG HTML, section 9.2.6, by way of splitting text; each byte is one character. */
export function referenceSse(bytes: Uint8Array, eventBytesMax: number): readonly string[] {
  const said: string[] = [];
  const lines = latin1(bytes).split(/\r\n|\r|\n/);
  const unfinished = lines.length - 1;
  let [type, data, id]: [string, string | undefined, string | undefined] = [
    '',
    undefined,
    undefined,
  ];
  let lastId = '';
  for (const [at, raw] of lines.entries()) {
    const isMarked = at === 0 && raw.startsWith('\xef\xbb\xbf');
    const line = isMarked ? raw.slice(3) : raw;
    // Beside the data there is room for the name of a field.
    if (raw.length > eventBytesMax + 16) return [...said, 'too large'];
    if (at === unfinished) break;
    if (line === '') {
      if (id !== undefined) lastId = id;
      if (data !== undefined && data !== '') {
        const parts = [type === '' ? 'message' : type, lastId, data].map(utf8);
        said.push(`event ${JSON.stringify(parts)}`);
      }
      if (id !== undefined) said.push(`id ${JSON.stringify(utf8(id))}`);
      [type, data, id] = ['', undefined, undefined];
      continue;
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) {
      said.push(`retry ${Math.min(Number(value), Number.MAX_SAFE_INTEGER)}`);
    }
    if ((data?.length ?? 0) > eventBytesMax) return [...said, 'too large'];
  }
  return said;
}

const lineEnds = ['\n', '\n', '\r\n', '\r', '\n\n', '\n\n', '\r\n\r\n', '\r\r'];
const fields = ['data', 'data', 'data', 'event', 'id', 'retry', '', 'Data', 'datax', 'dat', 'x'];
const colons = [': ', ': ', ':', '', ':  ', ' : '];
const values = [
  '',
  'a',
  '{"a":1}',
  '12',
  '1e3',
  '007',
  '٣',
  'a\0b',
  'x'.repeat(90),
  '9'.repeat(30),
];

function makeStream(random: Random): Input {
  let text = random.chance(10) ? '\xef\xbb\xbf' : '';
  for (let line = random.below(12); line > 0; line--) {
    const value = random.chance(80) ? random.pick(values) : oddText(random);
    text += random.pick(fields) + random.pick(colons) + value + random.pick(lineEnds);
  }
  if (random.chance(30)) text += random.pick(['data', '\r', 'data: x', '\xff', '\xc3']);
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0) & 255);
  return { pieces: piecesOf(bytes, random), eventBytesMax: random.pick([40, 80, 1000, 100_000]) };
}

function makeEncoded(random: Random): Input {
  let text = '';
  let lastId = '';
  const wanted: string[] = [];
  for (let count = random.below(5); count > 0; count--) {
    const data = oddText(random);
    const id = random.chance(50) ? oneLine(oddText(random)) : undefined;
    const event = random.chance(30) ? oneLine(oddText(random)) : undefined;
    const retry = random.chance(20) ? random.below(100_000) : undefined;
    text += encodeSseEvent({
      data,
      ...(id === undefined ? {} : { id }),
      ...(event === undefined ? {} : { event }),
      ...(retry === undefined ? {} : { retry }),
    });
    if (random.chance(20)) text += encodeSseComment(oneLine(oddText(random)));
    if (retry !== undefined) wanted.push(`retry ${retry}`);
    if (id !== undefined) lastId = id;
    const lines = data.replace(/\r\n|\r/g, '\n');
    const parts = [event === undefined || event === '' ? 'message' : event, lastId, lines];
    if (lines !== '') wanted.push(`event ${JSON.stringify(parts.map(wellFormed))}`);
    if (id !== undefined) wanted.push(`id ${JSON.stringify(wellFormed(id))}`);
  }
  const pieces = piecesOf(new TextEncoder().encode(text), random);
  return { pieces, eventBytesMax: 1_000_000, wanted };
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, '');
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces);
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function utf8(text: string): string {
  return lenient.decode(Buffer.from(text, 'latin1'));
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
