import { expect, test } from 'vitest';
import { createResponseCache } from '../../../src/client/response-cache.js';

const key = (target: string, scope = '') => ({ scope, method: 'resources/read', target });
const life = { expiresAtMs: 100, since: 0 };

test('it holds so many entries; the ones unused for longest make room', () => {
  const cache = createResponseCache({ cacheEntriesMax: 2 });
  cache.set(key('a'), {}, life);
  cache.set(key('b'), {}, life);
  expect(cache.get(key('a'), 0)).toBeDefined();
  cache.set(key('c'), {}, life);
  expect(['a', 'b', 'c'].map((name) => cache.get(key(name), 0) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  expect(cache.size).toBe(2);
});

test('it holds so many bytes', () => {
  const cache = createResponseCache({ cacheBytesMax: 5000 });
  const text = 'x'.repeat(1000);
  for (const name of ['a', 'b', 'c']) cache.set(key(name), { text }, life);
  expect(cache.size).toBe(2);
  expect(cache.bytes).toBeLessThanOrEqual(5000);
  cache.set(key('b'), { text: text.repeat(3) }, life);
  // Too much for all of it: what was there of it is old all the same.
  expect(cache.get(key('b'), 0)).toBeUndefined();
  expect(cache.get(key('c'), 0)).toBeDefined();
  cache.clear();
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
});

test('what is over is let go when it is asked for', () => {
  const cache = createResponseCache();
  cache.set(key('a'), {}, life);
  expect(cache.get(key('a'), 99)).toEqual({ ttlMs: 1 });
  expect(cache.get(key('a'), 100)).toBeUndefined();
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
});

test('scopes, methods and targets are told apart, however they are spelt', () => {
  const cache = createResponseCache();
  cache.set(key('b', 'a'), { n: 1 }, life);
  cache.set({ scope: 'a', method: 'resources/read', target: undefined }, { n: 2 }, life);
  cache.set(key('', 'a'), { n: 3 }, life);
  expect(cache.get(key('b', 'a'), 0)).toMatchObject({ n: 1 });
  expect(cache.get(key('b'), 0)).toBeUndefined();
  expect(cache.get(key('', 'a'), 0)).toMatchObject({ n: 3 });
  cache.drop(({ target }) => target === undefined);
  expect(cache.size).toBe(2);
});

test('what was asked before a drop is not taken after it', () => {
  const cache = createResponseCache();
  const since = cache.drops;
  cache.drop(() => false);
  cache.set(key('a'), {}, { expiresAtMs: 100, since });
  expect(cache.size).toBe(0);
});

test('a value that refers to itself is not kept', () => {
  const cache = createResponseCache();
  const endless: { self?: unknown } = {};
  endless.self = endless;
  cache.set(key('a'), endless, life);
  expect(cache.size).toBe(0);
});
