import { expect, test } from 'vitest';
import { saidOnce } from '../../../src/connect/said-once.js';

function hear(starts: readonly (readonly string[])[], lengthMax = 1000): string[] {
  const heard: string[] = [];
  const listener = saidOnce((line) => void heard.push(line), lengthMax);
  for (const lines of starts) {
    const say = listener();
    for (const line of lines) say(line);
  }
  return heard;
}

test('another start is heard from where it says something else', () => {
  expect(hear([['a', 'b', 'c']])).toEqual(['a', 'b', 'c']);
  expect(
    hear([
      ['a', 'b'],
      ['a', 'b'],
    ]),
  ).toEqual(['a', 'b']);
  expect(
    hear([
      ['a', 'b'],
      ['a', 'b', 'a', 'b'],
    ]),
  ).toEqual(['a', 'b', 'a', 'b']);
  expect(
    hear([
      ['a', 'b'],
      ['x', 'b'],
    ]),
  ).toEqual(['a', 'b', 'x', 'b']);
  expect(hear([['a', 'b'], ['a'], ['a', 'b', 'c']])).toEqual(['a', 'b', 'c']);
});

test('only so much is remembered for it', () => {
  expect(
    hear(
      [
        ['1234', '1234'],
        ['1234', '1234'],
      ],
      9,
    ),
  ).toEqual(['1234', '1234', '1234']);
});
