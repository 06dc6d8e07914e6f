import { expect, test } from 'vitest';
import { attempt, isPromised, when } from '../../../src/platform/when.js';

test('what is there is not waited for', () => {
  expect(when(1, (value) => value + 1)).toBe(2);
  expect(attempt(() => 'made', String)).toBe('made');
});

test('what is promised is waited for, by whichever promise', async () => {
  const thenable: PromiseLike<number> = { then: (...taken) => Promise.resolve(1).then(...taken) };
  for (const promised of [Promise.resolve(1), thenable]) {
    expect(isPromised(promised)).toBe(true);
    expect(await when(promised, (value) => value + 1)).toBe(2);
  }
});

test('a failure is caught at once or later', async () => {
  const fail = (): never => {
    throw new Error('now');
  };
  expect(attempt<string>(fail, String)).toBe('Error: now');
  expect(await attempt<string>(() => Promise.reject(new Error('later')), String)).toBe(
    'Error: later',
  );
});

test.each([undefined, null, 'text', { then: 1 }, () => undefined])('%o is a value', (value) => {
  expect(isPromised(value)).toBe(false);
});
