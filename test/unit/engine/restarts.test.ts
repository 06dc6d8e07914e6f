import { expect, test } from 'vitest';
import { createRestarts } from '../../../src/engine/restarts.js';
import { defaultLimits, resolveLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';

/** Chance at its highest: every wait is as long as its ceiling. */
function slowest() {
  const { clock } = manualPlatform();
  const random = { bytes: (count: number) => new Uint8Array(count).fill(255) };
  return { clock, random };
}

const { restartMsMax, restartPauseMs, restartWindowMs, restartsMax } = defaultLimits;

test('the waits double up to their ceiling, and begin anew after a long life', async () => {
  const platform = slowest();
  const limits = resolveLimits({ restartsMax: 100 });
  const restarts = createRestarts(limits, platform);
  const waits: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    restarts.failed(platform.clock.now());
    waits.push(restarts.waitMs);
    await platform.clock.advance(restarts.waitMs);
    expect(restarts.waitMs).toBe(0);
    restarts.starting();
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  const startedAt = platform.clock.now();
  await platform.clock.advance(restartMsMax);
  restarts.failed(startedAt);
  expect(restarts.waitMs).toBe(1000);
});

test('anything up to the ceiling is waited', () => {
  const { clock, random } = manualPlatform();
  const waits = Array.from({ length: 50 }, () => {
    const restarts = createRestarts(defaultLimits, { clock, random });
    restarts.failed(clock.now());
    return restarts.waitMs;
  });
  expect(Math.min(...waits)).toBeLessThan(200);
  expect(Math.max(...waits)).toBeGreaterThan(800);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1000);
});

/** Dies as soon as it was started, as often as it may be. */
async function burn(restarts: ReturnType<typeof createRestarts>, { clock }: typeof burnt) {
  let starts = 0;
  restarts.failed(clock.now());
  while (restarts.refusedMs === 0) {
    await clock.advance(restarts.waitMs);
    restarts.starting();
    starts++;
    restarts.failed(clock.now());
  }
  return starts;
}
const burnt = slowest();

test('too many restarts within the time open the breaker, for a while', async () => {
  const platform = slowest();
  const restarts = createRestarts(defaultLimits, platform);
  expect(await burn(restarts, platform)).toBe(restartsMax);
  expect(restarts.refusedMs).toBe(restartPauseMs);
  await platform.clock.advance(restartPauseMs - 1);
  expect(restarts.refusedMs).toBe(1);
  await platform.clock.advance(1);
  expect(restarts).toMatchObject({ refusedMs: 0, waitMs: 0 });
});

test('a trial that fails soon opens it again, however old the restarts before are', async () => {
  const platform = slowest();
  const restarts = createRestarts(defaultLimits, platform);
  await burn(restarts, platform);
  await platform.clock.advance(restartWindowMs);
  restarts.starting();
  restarts.failed(platform.clock.now());
  expect(restarts.refusedMs).toBe(restartPauseMs);
});

test('a trial that lasts closes it', async () => {
  const platform = slowest();
  const restarts = createRestarts(defaultLimits, platform);
  await burn(restarts, platform);
  await platform.clock.advance(restartPauseMs);
  restarts.starting();
  const startedAt = platform.clock.now();
  await platform.clock.advance(restartWindowMs);
  restarts.failed(startedAt);
  expect(restarts).toMatchObject({ refusedMs: 0, waitMs: 1000 });
});

test('as many restarts, but over a longer time, leave it closed', async () => {
  const platform = slowest();
  const restarts = createRestarts(defaultLimits, platform);
  for (let failure = 0; failure < 20; failure++) {
    const startedAt = platform.clock.now();
    await platform.clock.advance(restartWindowMs / restartsMax);
    restarts.failed(startedAt);
    expect(restarts.refusedMs).toBe(0);
    await platform.clock.advance(restarts.waitMs);
    restarts.starting();
  }
});
