import { beforeEach, expect, test } from 'vitest';
import { type Deadline, startDeadline } from '../../../src/engine/deadline.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';

let clock: ManualClock;
let expired: number;
let deadline: Deadline;

beforeEach(() => {
  clock = manualClock();
  expired = 0;
  deadline = startDeadline(clock, { ms: 1000, msMax: 2500, onExpire: () => void expired++ });
});

test('it expires once, at its time and not before', async () => {
  await clock.advance(999);
  expect(expired).toBe(0);
  await clock.advance(1);
  expect(expired).toBe(1);
  await clock.advance(10_000);
  expect([expired, clock.waiting]).toEqual([1, 0]);
});

test('extending begins anew, up to the ceiling', async () => {
  for (let at = 800; at <= 2400; at += 800) {
    await clock.advance(800);
    deadline.extend();
  }
  expect(expired).toBe(0);
  await clock.advance(99);
  expect(expired).toBe(0);
  await clock.advance(1);
  expect(expired).toBe(1);
});

test('while it is paused no time passes, not even for the ceiling', async () => {
  await clock.advance(600);
  deadline.pause();
  deadline.pause();
  expect(clock.waiting).toBe(0);
  await clock.advance(1_000_000);
  deadline.resume();
  deadline.resume();
  await clock.advance(399);
  expect(expired).toBe(0);
  deadline.extend();
  await clock.advance(999);
  expect(expired).toBe(0);
  await clock.advance(1);
  expect(expired).toBe(1);
});

test('a new limit counts from now, longer or shorter', async () => {
  await clock.advance(900);
  deadline.limit(300);
  await clock.advance(299);
  expect(expired).toBe(0);
  deadline.limit(1200);
  await clock.advance(1199);
  expect(expired).toBe(0);
  await clock.advance(1);
  expect(expired).toBe(1);
});

test('a limit set during a pause holds after it', async () => {
  deadline.pause();
  deadline.limit(5000);
  await clock.advance(100_000);
  expect(expired).toBe(0);
  deadline.resume();
  // The ceiling of 2500 ms stands above the limit.
  await clock.advance(2499);
  expect(expired).toBe(0);
  await clock.advance(1);
  expect(expired).toBe(1);
});

test('once stopped it never comes back', async () => {
  deadline.pause();
  deadline.stop();
  deadline.resume();
  deadline.limit(1);
  deadline.extend();
  expect(clock.waiting).toBe(0);
  await clock.advance(10_000);
  expect(expired).toBe(0);
});
