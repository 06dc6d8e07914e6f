import { expect, test } from 'vitest';
import { closest, listed } from '../../../src/cli/suggest.js';

test.each([
  ['gret', ['greet', 'great', 'other'], 'greet'],
  ['proces_files', ['process_files', 'read'], 'process_files'],
  ['ECHO', ['echo'], 'echo'],
  ['ab', ['ba'], 'ba'],
])('%s of %j means %s', (typed, names, meant) => {
  expect(closest(typed, names)).toBe(meant);
});

test('what resembles nothing is not guessed', () => {
  expect(closest('weather', ['greet', 'echo'])).toBeUndefined();
  expect(closest('x', [])).toBeUndefined();
});

test('long names of a server stay cheap to compare', () => {
  expect(closest('a'.repeat(100_000), ['b'.repeat(100_000)])).toBeUndefined();
});

test('a long list is shortened', () => {
  expect(listed(['a', 'b'])).toBe('a, b');
  expect(listed(Array.from({ length: 12 }, (_, n) => `t${n}`))).toMatch(/t9 and 2 more$/);
});
