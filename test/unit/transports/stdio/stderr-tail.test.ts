import { expect, test } from 'vitest';
import { plainText } from '../../../../src/transports/stdio/plain-text.js';
import { createStderrTail, lastWords } from '../../../../src/transports/stdio/stderr-tail.js';

test('the newest bytes are kept, however they arrive', () => {
  const text = Array.from({ length: 500 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
  for (const size of [1, 3, 9, 10, 11, 19, 20, 21, 100, 500]) {
    const tail = createStderrTail(10);
    for (let at = 0; at < text.length; at += size) {
      const part = text.slice(at, at + size);
      tail.append(new TextEncoder().encode(part));
      expect(tail.text()).toBe(text.slice(Math.max(0, at + part.length - 10), at + part.length));
    }
  }
});

test.each([
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]8;;http://x\x1b\\link', 'link'],
  ['a\tb\nc\rd\0e\x7f\u009b', 'a\tb\ncde'],
  ['\u202eabc\u2066', 'abc'],
  ['\x1b[', '['],
])('%j is shown as %j', (text, plain) => expect(plainText(text)).toBe(plain));

test('of long output an error carries the last whole lines', () => {
  expect(lastWords(' a\nb\n')).toBe('a\nb');
  const words = lastWords(Array.from({ length: 200 }, (_, i) => `line ${i} of many`).join('\n'));
  expect(words.length).toBeLessThanOrEqual(1001);
  expect(words).toMatch(/^…line \d+ of many\n/);
  expect(words).toMatch(/line 199 of many$/);
});
