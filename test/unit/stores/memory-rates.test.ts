import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { memoryRates } from '../../../src/stores/memory-rates.js';
import type { Rate, RateStore } from '../../../src/stores/rate-store.js';

const rate: Rate = { name: 'request', burst: 3, inMs: 2000 };
let store: RateStore;

// The library counts by the clock of the system.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  store = memoryRates(2, systemClock);
});
afterEach(() => void vi.useRealTimers());

async function takeAll(key: string, of: Rate = rate): Promise<number> {
  for (let count = 0; count < of.burst; count++) expect(await store.take(of, key, 1)).toBe(0);
  return store.take(of, key, 1);
}

test('a burst is let through, the next waits, and then all is as new', async () => {
  expect(await takeAll('alice')).toBe(2000);
  vi.advanceTimersByTime(1500);
  expect(await store.take(rate, 'alice', 1)).toBe(500);
  vi.advanceTimersByTime(500);
  expect(await takeAll('alice')).toBe(2000);
});

test('one who came too often is nobody else, and only at this', async () => {
  await takeAll('alice');
  expect(await store.take(rate, 'bob', 1)).toBe(0);
  expect(await store.take({ ...rate, name: 'session' }, 'alice', 1)).toBe(0);
});

test('many at once are as many', async () => {
  expect(await store.take(rate, 'alice', 2)).toBe(0);
  expect(await store.take(rate, 'alice', 2)).toBe(2000);
  expect(await store.take(rate, 'bob', 3)).toBe(0);
  expect(await store.take(rate, 'bob', 0)).toBe(2000);
});

test('looking takes nothing', async () => {
  for (let count = 0; count < 10; count++) expect(await store.take(rate, 'alice', 0)).toBe(0);
  expect(await takeAll('alice')).toBe(2000);
  expect(await store.take(rate, 'alice', 0)).toBe(2000);
});

test('callers beyond the bound share what one may do, until others are forgotten', async () => {
  for (const key of ['alice', 'bob']) expect(await store.take(rate, key, 1)).toBe(0);
  for (const key of ['carol', 'dave', 'erin']) expect(await store.take(rate, key, 1)).toBe(0);
  expect(await store.take(rate, 'frank', 1)).toBeGreaterThan(0);
  expect(await store.take(rate, 'alice', 1)).toBe(0);
  vi.advanceTimersByTime(2000);
  expect(await store.take(rate, 'frank', 1)).toBe(0);
});

test('what could not be loaded is loaded the next time', async () => {
  vi.resetModules();
  vi.doMock('rate-limiter-flexible', () => {
    throw new Error('too many open files');
  });
  const fresh = await import('../../../src/stores/memory-rates.js');
  store = fresh.memoryRates(2, systemClock);
  await expect(store.take(rate, 'alice', 1)).rejects.toBeInstanceOf(Error);
  vi.doUnmock('rate-limiter-flexible');
  expect(await store.take(rate, 'alice', 1)).toBe(0);
});
