import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../../src/transports/stdio/lines.js';
import { cites } from '../../../requirements.js';
import { fc } from '../../properties.js';

const utf8 = new TextEncoder();

function split(chunks: readonly Uint8Array[], lineBytesMax = 100): unknown[] {
  const seen: unknown[] = [];
  const splitter = createLineSplitter({
    lineBytesMax,
    onLine: (bytes) => seen.push(new TextDecoder().decode(bytes)),
    onOversized: (head, totalBytes) => seen.push([new TextDecoder().decode(head), totalBytes]),
  });
  for (const chunk of chunks) splitter.feed(chunk);
  splitter.end();
  return seen;
}

const bytewise = (text: string): Uint8Array[] =>
  [...utf8.encode(text)].map((b) => new Uint8Array([b]));

test('lines end in LF or CRLF, empty ones are skipped, and the last one may have no end', () => {
  expect(split([utf8.encode('a\nb\r\n\n\r\nc\rd\n\u00e9')])).toEqual(['a', 'b', 'c\rd', '\u00e9']);
  expect(split(bytewise('a\nb\r\n\n\r\nc\rd\n\u00e9'))).toEqual(['a', 'b', 'c\rd', '\u00e9']);
});

test.each([false, true])(
  'a line may reach the bound and not pass it (byte by byte: %s)',
  (bits) => {
    const run = (text: string): unknown[] => split(bits ? bytewise(text) : [utf8.encode(text)], 5);
    expect(run('12345\n12345\r\n12345')).toEqual(['12345', '12345', '12345']);
    expect(run('123456\nok\n')).toEqual([['123456', 6], 'ok']);
    expect(run('1234567\nok\n')).toEqual([['1234567', 7], 'ok']);
    expect(run('123456')).toEqual([['123456', 6]]);
  },
);

test('of a line over the bound only the head is kept, as it was', () => {
  const reused = Buffer.alloc(3000, 'x');
  const seen: [number, string][] = [];
  const splitter = createLineSplitter({
    lineBytesMax: 5000,
    onLine: (bytes) => seen.push([bytes.length, '']),
    onOversized: (head, totalBytes) => seen.push([totalBytes, Buffer.from(head).toString()]),
  });
  for (let i = 0; i < 100; i++) splitter.feed(reused);
  reused.fill('y');
  splitter.feed(utf8.encode('z\nnext\n'));
  expect(seen).toEqual([
    [300_001, 'x'.repeat(4096)],
    [4, ''],
  ]);
});

cites('stdio/one-line');
test('any chunking gives the same lines', () => {
  const text = fc.array(fc.constantFrom('\n', '\r\n', '\r', 'a', 'bcd', 'x'.repeat(30)));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 0, max: 9 })), (tokens, cuts) => {
      const bytes = utf8.encode(tokens.join(''));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const length of cuts) {
        chunks.push(bytes.subarray(at, at + length));
        at = Math.min(bytes.length, at + length);
      }
      chunks.push(bytes.subarray(at));
      const whole = split([bytes], 40);
      expect(split(chunks, 40)).toEqual(whole);
      expect(split(bytewise(tokens.join('')), 40)).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
