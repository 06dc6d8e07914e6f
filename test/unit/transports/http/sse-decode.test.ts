import { describe, expect, test } from 'vitest';
import { createSseDecoder, type SseDecoder } from '../../../../src/transports/http/sse-decode.js';
import { cites } from '../../../requirements.js';
import { fc } from '../../properties.js';

const utf8 = new TextEncoder();

function collect(eventBytesMax = 1000): { seen: unknown[]; decoder: SseDecoder } {
  const seen: unknown[] = [];
  const decoder = createSseDecoder({
    eventBytesMax,
    onEvent: ({ event, id, data }) => seen.push({ event, id, data }),
    onRetry: (ms) => seen.push({ retry: ms }),
    onId: (id) => seen.push({ idSeen: id }),
  });
  return { seen, decoder };
}

function decode(...chunks: (string | Uint8Array)[]): unknown[] {
  const { seen, decoder } = collect();
  for (const chunk of chunks) decoder.feed(typeof chunk === 'string' ? utf8.encode(chunk) : chunk);
  return seen;
}

const event = (data: string, id = '', type = 'message'): unknown => ({ event: type, id, data });

describe('the rules of the standard', () => {
  test.each<[string, unknown[]]>([
    ['data: a\n\n', [event('a')]],
    ['data:a\n\n', [event('a')]],
    ['data:  a\n\n', [event(' a')]],
    ['data: a\r\rdata: b\r\n\r\ndata: c\n\n', [event('a'), event('b'), event('c')]],
    ['data: a\ndata: b\ndata\ndata:c\n\n', [event('a\nb\n\nc')]],
    ['data\ndata\n\n', [event('\n')]],
    ['\u{feff}data: a\n\n', [event('a')]],
    ['data: a\n\n\u{feff}data: b\n\n', [event('a')]],
    [': comment\n\n:\n\ndata: a\n\n', [event('a')]],
    ['event: x\ndata: a\n\ndata: b\n\n', [event('a', '', 'x'), event('b')]],
    ['event: x\n\ndata: a\n\n', [event('a')]],
    ['Data: a\nDATA: b\n data: c\ndatas: d\n\n', []],
    ['data: a\n', []],
    ['data: a', []],
    ['data: \u00e9\u{1f600}\n\n', [event('\u00e9\u{1f600}')]],
    [
      'retry: 10\nretry: -1\nretry: 1.5\nretry: x\nretry:\nretry: 007\n',
      [{ retry: 10 }, { retry: 7 }],
    ],
    [`retry: ${'9'.repeat(30)}\n`, [{ retry: Number.MAX_SAFE_INTEGER }]],
  ])('%j', (text, expected) => {
    expect(decode(text)).toEqual(expected);
  });

  test('an id lasts until the next one, and one with NUL is ignored', () => {
    expect(decode('id: 1\ndata: a\n\ndata: b\n\nid: \0\ndata: c\n\nid\ndata: d\n\n')).toEqual([
      event('a', '1'),
      { idSeen: '1' },
      event('b', '1'),
      event('c', '1'),
      event('d'),
      { idSeen: '' },
    ]);
  });

  test('a priming event gives its id and nothing else', () => {
    const { seen, decoder } = collect();
    decoder.feed(utf8.encode('id: p\ndata: \n'));
    expect([seen, decoder.lastEventId]).toEqual([[], '']);
    decoder.feed(utf8.encode('\nid: q\n\n'));
    expect([seen, decoder.lastEventId]).toEqual([[{ idSeen: 'p' }, { idSeen: 'q' }], 'q']);
  });

  test('CR and LF in two chunks are one line end, and CR alone ends the line at once', () => {
    expect(decode('data: a\r', '\n\r')).toEqual([event('a')]);
    expect(decode('data: a\r', '\ndata: b\r\n', '\r\n')).toEqual([event('a\nb')]);
    expect(decode('data: a\r', 'data: b\r', '', '\n\r')).toEqual([event('a\nb')]);
  });

  test('bytes that are no UTF-8 become replacement characters', () => {
    expect(decode('data: ', new Uint8Array([0xc3]), '\n\n')).toEqual([event('\u{fffd}')]);
  });
});

test('any chunking of any stream gives the same events', () => {
  const token = fc.constantFrom(
    ...['\n', '\r', '\r\n', '\n\n', ':', ' ', 'data', 'data: ', 'id: 7', 'id', 'event: x', '\0'],
    ...['retry: 5', '\u{feff}', '\u00e9', 'long '.repeat(20), 'data: a\n\n'],
  );
  const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 0, max: 9 })), (stream, cuts) => {
      const bytes = utf8.encode(stream);
      const whole = decode(bytes);
      expect(decode(...[...bytes].map((byte) => new Uint8Array([byte])))).toEqual(whole);
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const length of cuts) {
        chunks.push(bytes.subarray(at, at + length));
        at = Math.min(bytes.length, at + length);
      }
      expect(decode(...chunks, bytes.subarray(at))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

describe('the bound', () => {
  const feedAll = (decoder: SseDecoder, text: string, size: number): void => {
    const bytes = utf8.encode(text);
    for (let at = 0; at < bytes.length; at += size) decoder.feed(bytes.subarray(at, at + size));
  };
  const tooLarge = expect.objectContaining({ kind: 'tooLarge' }) as Error;

  test.each([1, 7, 1000])('data may reach it and not pass it, in chunks of %d', (size) => {
    for (const [good, bad] of [
      [`data: ${'x'.repeat(100)}\n\n`, `data: ${'x'.repeat(101)}\n\n`],
      [`data: x\ndata: ${'x'.repeat(98)}\n\n`, `data: x\ndata: ${'x'.repeat(99)}\n\n`],
      [`data\n`.repeat(101) + '\n', `data\n`.repeat(102) + '\n'],
      [`: ${'x'.repeat(100)}\ndata: a\n\n`, `: ${'x'.repeat(200)}`],
    ] as const) {
      const { seen, decoder } = collect(100);
      feedAll(decoder, good, size);
      expect(seen).toHaveLength(1);
      expect(() => feedAll(decoder, bad, size)).toThrow(tooLarge);
    }
  });

  test('it is reported once; then nothing is heard until reset, which keeps the last id', () => {
    const { seen, decoder } = collect(10);
    decoder.feed(utf8.encode('id: 1\n\n'));
    expect(() => decoder.feed(utf8.encode(`data: ${'x'.repeat(50)}`))).toThrow(tooLarge);
    decoder.feed(utf8.encode(`${'x'.repeat(50)}\n\ndata: a\n\n`));
    decoder.end();
    decoder.feed(utf8.encode('data: b\n\n'));
    expect(seen).toEqual([{ idSeen: '1' }]);
    decoder.reset();
    decoder.feed(utf8.encode('\u{feff}data: c\n\n'));
    expect(seen.slice(1)).toEqual([event('c', '1')]);
  });

  cites('http/comments');
  test('many small events and comments never add up to it', () => {
    const { seen, decoder } = collect(10);
    feedAll(decoder, ': keep-alive\n'.repeat(100) + 'data: a\n\n'.repeat(100), 5);
    expect(seen).toHaveLength(100);
  });
});

test('an event that is cut off by the end of the stream is dropped', () => {
  const { seen, decoder } = collect();
  decoder.feed(utf8.encode('data: a\nid: 1\nda'));
  decoder.end();
  decoder.feed(utf8.encode('data: b\n\n'));
  expect(seen).toEqual([event('b')]);
});
