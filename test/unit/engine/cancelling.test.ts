import { expect, test, vi } from 'vitest';
import { abortSignalOf, Cancellation, cancellingOf } from '../../../src/engine/cancelling.js';
import type { Cancelling } from '../../../src/exchange.js';
import { ioFor } from './io.js';

test('each listener is told once, in either form, unless it was taken back', () => {
  const cancellation = new Cancellation();
  const told: string[] = [];
  const listener = (): void => void told.push('function');
  const gone = (): void => void told.push('gone');
  cancellation.addEventListener('abort', listener);
  cancellation.addEventListener('abort', listener);
  cancellation.addEventListener('abort', { handleEvent: () => void told.push('object') });
  cancellation.addEventListener('abort', gone);
  cancellation.removeEventListener('abort', gone);
  cancellation.abort('why');
  cancellation.abort('again');
  expect(told).toEqual(['function', 'object']);
  expect([cancellation.aborted, cancellation.reason]).toEqual([true, 'why']);
});

test('its signal says the same, whether it is read before or after', () => {
  const [before, after] = [new Cancellation(), new Cancellation()];
  const { signal } = before;
  expect(signal.aborted).toBe(false);
  before.abort('why');
  after.abort('why');
  expect([signal.reason, after.signal.reason]).toEqual(['why', 'why']);
  expect(before.signal).toBe(signal);
});

test('whatever tells of an end can be had as an AbortSignal', () => {
  const controller = new AbortController();
  expect(abortSignalOf(controller.signal)).toBe(controller.signal);
  const cancellation = new Cancellation();
  expect(abortSignalOf(cancellation)).toBe(cancellation.signal);
  const inner = new Cancellation();
  const other: Cancelling = {
    get aborted() {
      return inner.aborted;
    },
    get reason() {
      return inner.reason;
    },
    addEventListener: (type, listener) => inner.addEventListener(type, listener),
    removeEventListener: (type, listener) => inner.removeEventListener(type, listener),
  };
  const signal = abortSignalOf(other);
  inner.abort('why');
  expect([signal.aborted, signal.reason]).toEqual([true, 'why']);
  // Listened to once, however often it is asked for.
  expect(abortSignalOf(other)).toBe(signal);
});

test('an Io without the cheap kind is asked for its signal', () => {
  const { signal } = new AbortController();
  const io = ioFor(signal);
  expect(cancellingOf(io)).toBe(signal);
  const cancelling = new Cancellation();
  expect(cancellingOf({ ...io, cancelling })).toBe(cancelling);
});

test.each([
  ['a Cancellation', () => new Cancellation()],
  ['an AbortController', () => new AbortController()],
])('what an earlier listener takes back is not called: %s', (_name, create) => {
  const controller = create();
  const target: Cancelling = controller instanceof Cancellation ? controller : controller.signal;
  const told: string[] = [];
  const last = (): void => void told.push('last');
  target.addEventListener('abort', () => target.removeEventListener('abort', last));
  target.addEventListener('abort', () => void told.push('second'));
  target.addEventListener('abort', last);
  controller.abort();
  expect(told).toEqual(['second']);
  expect(target.reason).toMatchObject({ name: 'AbortError' });
});

test('a listener that throws is reported, and the others are told all the same', () => {
  const reported: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (report: () => void) => reported.push(report));
  const cancellation = new Cancellation();
  const { signal } = cancellation;
  const told: string[] = [];
  const bad = (): void => {
    throw new Error('of the first');
  };
  cancellation.addEventListener('abort', bad);
  cancellation.addEventListener('abort', () => void told.push('second'));
  cancellation.abort('why');
  vi.unstubAllGlobals();
  expect([told, signal.reason]).toEqual([['second'], 'why']);
  expect(reported).toHaveLength(1);
  expect(reported[0]).toThrow('of the first');
});
