import { expect, test } from 'vitest';
import { repeat } from '../../../src/platform/repeat.js';
import { manualClock } from '../../../src/testing/index.js';

test('a step comes again after each one, whatever became of that', async () => {
  const clock = manualClock();
  let steps = 0;
  const stop = repeat(clock, 100, () => {
    if (++steps % 2 === 0) throw new Error('failed');
    return Promise.reject(new Error('failed later'));
  });
  await clock.advance(99);
  expect(steps).toBe(0);
  await clock.advance(401);
  expect(steps).toBe(5);
  stop();
  await clock.advance(1000);
  expect([steps, clock.waiting]).toEqual([5, 0]);
});

test('the next one waits for a step that takes its time, and for none that is stopped', async () => {
  const clock = manualClock();
  let [steps, done] = [0, (): void => undefined];
  const stop = repeat(clock, 100, () => {
    steps++;
    return new Promise<void>((resolve) => (done = resolve));
  });
  await clock.advance(1000);
  expect([steps, clock.waiting]).toEqual([1, 0]);
  done();
  await clock.advance(100);
  expect(steps).toBe(2);
  stop();
  done();
  await clock.advance(100);
  expect([steps, clock.waiting]).toEqual([2, 0]);
});
