import { expect, test } from 'vitest';
import { exactly } from '../../../src/cli/terminal/exactly.js';

test.each([
  ['plain text é', 'plain text é'],
  ['', '""'],
  ['a  b', '"a  b"'],
  [' a', '" a"'],
  ['"a"', '"\\"a\\""'],
  ['\u001b[31mred', '"\\u001b[31mred"'],
  ['a\u202eb\u200bc\u00a0d\u0085', '"a\\u202eb\\u200bc\\u00a0d\\u0085"'],
  // Letters and marks that take no room.
  ['a\u3164b\u034f', '"a\\u3164b\\u034f"'],
  ['a\u{e0041}', '"a\\udb40\\udc41"'],
])('%j is shown as %s', (text, shown) => {
  expect(exactly(text)).toBe(shown);
});

test('nothing is cut', () => {
  expect(exactly('x'.repeat(100_000))).toHaveLength(100_000);
});
