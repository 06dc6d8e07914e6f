/** What the bench says of figures: nothing that failed may pass for a success. */
import { expect, test, vi } from 'vitest';
import { answers } from '../../../bench/load/messages.js';
import { summarize } from '../../../bench/report.js';
import type { Row } from '../../../bench/row.js';
import { printTable } from '../../../bench/table.js';

const measure = (): Promise<number> => Promise.resolve(0);
const row: Row = {
  id: 'row',
  title: 'a row',
  unit: 'calls',
  judged: 'share',
  goal: 0.8,
  entries: ['limit', 'sallyport', 'other'].map((name) => ({ name, measure })),
};

function resultOf(ours: readonly (number | string)[] | undefined, limit: (number | string)[]) {
  const taken = new Map([['limit', limit]]);
  if (ours !== undefined) taken.set('sallyport', [...ours]);
  return summarize(row, taken);
}

test.each([
  ['every round is good', [90, 85, 95], [100, 100, 100], true],
  ['the middle one is not', [90, 70, 75], [100, 100, 100], false],
  ['one round failed', [90, 'A wrong answer', 95], [100, 100, 100], false],
  ['all rounds failed', ['A wrong answer'], [100], false],
  ['there was no time', undefined, [100], null],
  ['the limit failed', [90], ['A wrong answer'], null],
])('%s', (_name, ours, limit, met) => {
  expect(resultOf(ours, limit).entries[1]?.met).toBe(met);
});

test('the table says why a round failed, beside the figure of the others', () => {
  const print = vi.spyOn(console, 'log').mockReturnValue();
  printTable([resultOf(['A wrong answer: 500', 90, 95], [100, 100, 100])]);
  const text = print.mock.calls.flat().join('\n');
  print.mockRestore();
  expect(text).toMatch(/sallyport .*MISSED +failed in 1 of 3 rounds: A wrong answer: 500/);
  expect(text).toContain('0 of 1 goals are met');
});

test('an answer is that to its own request, wherever its id stands', () => {
  const others = [
    '{"jsonrpc":"2.0","id":12,"result":{"id":1}}',
    '{"result":{},"jsonrpc":"2.0","id":2}',
  ];
  expect(others.map((text) => answers(1, text))).toEqual([false, false]);
  expect(answers(12, others[0]!)).toBe(true);
  expect(answers(2, others[1]!)).toBe(true);
  expect(answers(1, '{"result":{},"id":1}')).toBe(true);
});
