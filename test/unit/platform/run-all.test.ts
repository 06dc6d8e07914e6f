import { expect, test } from 'vitest';
import { runAll } from '../../../src/platform/run-all.js';

test('those behind one that throws are handed on, and the error with them', () => {
  const [done, rest]: [number[], number[]] = [[], []];
  const run = (item: number): void => {
    if (item === 2) throw new Error('of the second');
    done.push(item);
  };
  expect(() => runAll([1, 2, 3, 4], run, (items) => rest.push(...items))).toThrow('of the second');
  expect([done, rest]).toEqual([[1], [3, 4]]);
});

test('nothing is handed on when all is done, or the last one throws', () => {
  const handed: unknown[] = [];
  runAll(
    [1, 2],
    () => undefined,
    (rest) => handed.push(rest),
  );
  const fails = (): never => {
    throw new Error('of the last');
  };
  expect(() => runAll([1], fails, (rest) => handed.push(rest))).toThrow('of the last');
  expect(handed).toEqual([]);
});
