import { expect, test } from 'vitest';
import { seldom } from '../../../src/platform/seldom.js';
import { manualClock } from '../../../src/testing/index.js';

test('what many ask for is done at once, and once more for all that asked since', async () => {
  const clock = manualClock();
  const done: number[] = [];
  const startedAt = clock.now();
  const { act, stop } = seldom(clock, 250, () => done.push(clock.now() - startedAt));
  for (let count = 0; count < 3; count++) act();
  expect(done).toEqual([0]);
  await clock.advance(250);
  expect(done).toEqual([0, 250]);
  await clock.advance(250);
  expect([done, clock.waiting]).toEqual([[0, 250], 0]);
  act();
  act();
  stop();
  await clock.advance(1000);
  expect([done, clock.waiting]).toEqual([[0, 250, 500], 0]);
});
