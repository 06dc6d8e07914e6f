import { beforeEach, expect, test } from 'vitest';
import { createLoad, type Load } from '../../../src/engine/load.js';
import { resolveLimits } from '../../../src/limits.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';

let clock: ManualClock;
let load: Load;
let lag: number;
let heap: number;
let critical: number;
let stopped: number;

const crowdMin = 16;
const limits = resolveLimits({
  loadCheckMs: 500,
  loopLagMsMax: 200,
  heapPercentShed: 85,
  loadCrowdMin: crowdMin,
});

beforeEach(() => {
  clock = manualClock();
  [lag, heap, critical, stopped] = [0, 0, 0, 0];
  load = createLoad({ limits, clock, onCritical: () => critical++ });
  load.watch({ lagMs: () => lag, heapPercent: () => heap, stop: () => stopped++ });
});

function ask(count: number): void {
  for (let at = 0; at < count; at++) load.asked();
}

async function looks(count: number, asking = crowdMin): Promise<boolean> {
  for (let look = 0; look < count; look++) {
    ask(asking);
    await clock.advance(500);
  }
  return load.isHigh;
}

test('lag among few requests is a tool that computes, and turns nobody away', async () => {
  lag = 5000;
  expect(await looks(6, crowdMin / 2 - 1)).toBe(false);
  expect(await looks(2, crowdMin)).toBe(true);
  heap = 99;
  lag = 0;
  await looks(1, 0);
  expect(await looks(3, 0), 'memory is the same for few and many').toBe(true);
});

test.each([
  { name: 'lag', at: () => (lag = 200), past: () => (lag = 201), below: () => (lag = 179) },
  { name: 'heap', at: () => (heap = 85), past: () => (heap = 85.1), below: () => (heap = 76) },
])('$name beyond its bound is overload, once it lasts', async ({ at, past, below }) => {
  at();
  expect(await looks(3)).toBe(false);
  past();
  expect([await looks(1), await looks(1)]).toEqual([false, true]);
  at();
  expect(await looks(5), 'it does not come and go at its bound').toBe(true);
  below();
  expect([await looks(1), await looks(1)]).toEqual([true, false]);
});

test('a single late turn is no overload', async () => {
  for (let turn = 0; turn < 4; turn++) {
    lag = 5000;
    expect(await looks(1)).toBe(false);
    lag = 0;
    expect(await looks(1)).toBe(false);
  }
});

test('memory that is all but used up is told at every look', async () => {
  heap = 92;
  await looks(2);
  expect(critical).toBe(0);
  heap = 93;
  await looks(2);
  expect(critical).toBe(2);
});

test('a step of the clock is no load, where there is one that nobody sets', () => {
  let steppedMs = 0;
  const stepping = { ...clock, now: () => clock.now() + steppedMs };
  const probe = { lagMs: () => 0, heapPercent: () => 0, stop: () => undefined };
  const [without, steady] = [probe, { ...probe, nowMs: () => 0 }].map((one) => {
    const watching = createLoad({ limits, clock: stepping, onCritical: () => undefined });
    watching.watch(one);
    for (let at = 0; at < crowdMin; at++) watching.asked();
    return watching;
  });
  steppedMs = 5000;
  expect([without?.isHigh, steady?.isHigh]).toEqual([true, false]);
});

test('whoever stops looks no more, and is not overloaded', async () => {
  lag = 1000;
  await looks(2);
  load.stop();
  expect([load.isHigh, stopped, clock.waiting]).toEqual([false, 1, 0]);
});

test('a look that is overdue is overload at once, until it is made', async () => {
  let now = 0;
  const own = createLoad({ limits, clock: { ...clock, now: () => now }, onCritical: () => 0 });
  own.watch({ lagMs: () => 0, heapPercent: () => 0, stop: () => undefined });
  now = 901;
  for (let at = 1; at < crowdMin; at++) own.asked();
  expect(own.isHigh).toBe(false);
  own.asked();
  expect(own.isHigh).toBe(true);
  now = 900;
  expect(own.isHigh).toBe(false);
  await clock.advance(500);
  expect(own.isHigh).toBe(false);
  now = 9999;
  own.stop();
  expect(own.isHigh).toBe(false);
});
