import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a timer of the system can hold. */
const msMax = 2 ** 31 - 1;

test('a time that no timer can hold is waited for all the same', () => {
  const action = vi.fn<() => void>();
  systemClock.after(msMax * 2 + 10, action);
  vi.advanceTimersByTime(msMax * 2 + 9);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('Infinity is never, and not a loop', () => {
  const action = vi.fn<() => void>();
  const set = vi.spyOn(globalThis, 'setTimeout');
  const stop = systemClock.after(Infinity, action, { holdsProcess: true });
  vi.advanceTimersByTime(msMax * 3);
  expect(action).not.toHaveBeenCalled();
  expect(set).toHaveBeenCalledTimes(4);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('what waits for the end of a turn runs in its order, and one that throws takes none with it', async () => {
  // What ends a turn is taken when the module is loaded.
  vi.resetModules();
  const { systemClock } = await import('../../../src/platform/clock.js');
  const ran: string[] = [];
  systemClock.nextTurn(() => ran.push('first'));
  systemClock.nextTurn(() => {
    throw new Error('of the second');
  });
  systemClock.nextTurn(() => ran.push('third'));
  expect(ran).toEqual([]);
  expect(() => vi.runAllTimers()).toThrow('of the second');
  vi.runAllTimers();
  expect(ran).toEqual(['first', 'third']);
});

test('a clock that somebody puts in its place for a while does not stop it', async () => {
  systemClock.nextTurn(() => undefined);
  vi.useRealTimers();
  const ran = new Promise<string>((resolve) => systemClock.nextTurn(() => resolve('ran')));
  await expect(ran).resolves.toBe('ran');
});

test.each([
  ['without setImmediate', { setImmediate: undefined }],
  ['in Workers', { navigator: { userAgent: 'Cloudflare-Workers' } }],
])('%s each has a timer of its own, which may be dropped', async (_name, globals) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  vi.resetModules();
  const { systemClock } = await import('../../../src/platform/clock.js');
  vi.unstubAllGlobals();
  const action = vi.fn<() => void>();
  systemClock.nextTurn(() => undefined);
  vi.clearAllTimers();
  systemClock.nextTurn(action);
  vi.runAllTimers();
  expect(action).toHaveBeenCalledTimes(1);
});
