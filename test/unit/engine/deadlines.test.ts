import { beforeEach, expect, test } from 'vitest';
import { createDeadlines, type Deadlines } from '../../../src/engine/deadlines.js';
import type { Clock } from '../../../src/platform/clock.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';

let clock: ManualClock;
let deadlines: Deadlines;
let expired: string[];

beforeEach(() => {
  clock = manualClock();
  deadlines = createDeadlines(clock);
  expired = [];
});

const start = (name: string, ms: number, msMax = Infinity) =>
  deadlines.start({ ms, msMax, onExpire: () => void expired.push(name) });

test('each expires once, at its own time, with one timer for all', async () => {
  start('late', 1000);
  start('early', 100);
  start('middle', 500);
  expect(clock.waiting).toBe(1);
  await clock.advance(99);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual(['early']);
  await clock.advance(400);
  expect(expired).toEqual(['early', 'middle']);
  await clock.advance(10_000);
  expect([expired, clock.waiting]).toEqual([['early', 'middle', 'late'], 0]);
});

test('one that was stopped never expires, also by another that is due with it', async () => {
  start('first', 100).stop();
  const stopper = { msMax: Infinity, ms: 100, onExpire: () => victim.stop() };
  deadlines.start(stopper);
  const victim = start('victim', 100);
  const both = start('both', 100);
  await clock.advance(100);
  expect(expired).toEqual(['both']);
  both.stop();
  await clock.advance(1000);
  expect(expired).toEqual(['both']);
});

test('extending begins anew, up to the ceiling', async () => {
  const deadline = start('one', 1000, 2500);
  for (let at = 800; at <= 2400; at += 800) {
    await clock.advance(800);
    deadline.extend();
  }
  await clock.advance(99);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual(['one']);
});

test('a new limit counts from now, sooner or later than before', async () => {
  const [sooner, later] = [start('sooner', 1000), start('later', 1000)];
  await clock.advance(500);
  sooner.limit(100);
  later.limit(2000);
  await clock.advance(100);
  expect(expired).toEqual(['sooner']);
  await clock.advance(1899);
  expect(expired).toEqual(['sooner']);
  await clock.advance(1);
  expect(expired).toEqual(['sooner', 'later']);
});

test('while one is paused no time passes for it, not even for its ceiling', async () => {
  const paused = start('paused', 1000, 1500);
  start('running', 1200);
  await clock.advance(600);
  paused.pause();
  paused.pause();
  await clock.advance(100_000);
  expect(expired).toEqual(['running']);
  paused.resume();
  paused.resume();
  await clock.advance(399);
  expect(expired).toEqual(['running']);
  await clock.advance(1);
  expect(expired).toEqual(['running', 'paused']);
});

test('while all are paused those that begin are too', async () => {
  start('before', 1000);
  await clock.advance(600);
  deadlines.pause();
  start('meanwhile', 1000);
  expect(clock.waiting).toBe(0);
  await clock.advance(100_000);
  deadlines.resume();
  await clock.advance(400);
  expect(expired).toEqual(['before']);
  await clock.advance(600);
  expect(expired).toEqual(['before', 'meanwhile']);
});

test('a process is held by what runs, and after that for no more than a turn', async () => {
  deadlines = createDeadlines(clock, { holdsProcess: true });
  const [one, other] = [start('one', 100), start('other', 200)];
  one.stop();
  expect(clock.waiting).toBe(1);
  other.stop();
  other.stop();
  await clock.advance(0);
  expect(clock.waiting).toBe(0);
});

test('one that throws does not take the others with it', async () => {
  const bad = (): void => {
    throw new Error('of the first');
  };
  deadlines.start({ ms: 100, msMax: Infinity, onExpire: bad });
  start('same', 100);
  start('later', 200);
  await expect(clock.advance(100)).rejects.toThrow('of the first');
  await clock.advance(0);
  expect(expired).toEqual(['same']);
  await clock.advance(100);
  expect([expired, clock.waiting]).toEqual([['same', 'later'], 0]);
});

/** Timers as they are: they stand still while the machine sleeps, and its clock does not. */
function sleepyClock(): { clock: Clock; jump(ms: number): void; manual: ManualClock } {
  const manual = manualClock();
  let sleptMs = 0;
  const asleep: Clock = { ...manual, now: () => manual.now() + sleptMs };
  return { clock: asleep, jump: (ms) => void (sleptMs += ms), manual };
}

test('a timer that is late since the machine slept is not waited for', async () => {
  const { clock: sleepy, jump, manual } = sleepyClock();
  deadlines = createDeadlines(sleepy);
  start('before', 600_000).stop();
  jump(3_600_000);
  start('after', 60_000);
  start('too', 60_000);
  await manual.advance(0);
  await manual.advance(59_999);
  expect(expired).toEqual([]);
  await manual.advance(1);
  expect(expired).toEqual(['after', 'too']);
});

test('what begins again and again does not put off what is late', async () => {
  const { clock: sleepy, jump, manual } = sleepyClock();
  deadlines = createDeadlines({ ...sleepy, after: (ms, ...rest) => manual.after(ms + 1, ...rest) });
  start('before', 600_000);
  jump(3_600_000);
  start('first', 60_000);
  await manual.advance(0);
  start('second', 60_000);
  await manual.advance(1);
  expect(expired).toEqual(['before']);
});
