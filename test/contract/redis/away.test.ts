/** A Redis that is away: whoever needs it is told in time, and it is found again. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StreamKey, StreamPurpose } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import { openStore, newPlace, timed } from './places.js';
import { hasRedis, type RedisServer, startRedis } from './server.js';

const key: StreamKey = { principal: 'ann', session: 's', stream: 'a' };
const purpose: StreamPurpose = { owner: 'me', purpose: 'answers', owed: [] };
// Short, so that a test need not wait long for what is not answered.
const limits = { storeCommandMs: 400, clusterRenewMs: 100, clusterLeaseMs: 1000 };

let redis: RedisServer;
afterEach(() => redis?.end());

const reachable = (store: ServerStore): Promise<void> =>
  expect
    .poll(async () => (await timed(() => store.events.state(key))).error, { timeout: 8000 })
    .toBeUndefined();

const everything = (store: ServerStore): Readonly<Record<string, () => unknown>> => ({
  begin: () => store.events.begin(key, purpose),
  append: () => store.events.append(key, 'me', { seq: 1, data: 'x' }),
  after: () => store.events.after(key, 0),
  claim: () => store.events.claim(key, 'me', 'other'),
  finish: () => store.events.finish(key, 'me', 1),
  forgetSession: () => store.events.forgetSession('ann', 's'),
  get: () => store.sessions.get('ann', 's'),
  tasks: () => store.tasks.expire(Date.now()),
  isAlive: () => store.cluster.isAlive('other'),
  ask: () => store.cluster.ask('other', 'topic', {}),
});

describe.skipIf(!hasRedis)('while Redis hangs', () => {
  beforeEach(async () => {
    redis = await startRedis();
  });

  test('every method rejects in time, and at once from then on', async () => {
    const store = await openStore(redis.url, { limits });
    redis.pause();
    const first = await Promise.all(Object.values(everything(store)).map(timed));
    for (const { ms, error } of first) {
      expect(error).toBeDefined();
      expect(ms).toBeLessThan(1500);
    }
    for (const act of Object.values(everything(store))) {
      const { ms, error } = await timed(act);
      expect(error).toContain('cannot be reached');
      expect(ms).toBeLessThan(100);
    }
    redis.wake();
    await reachable(store);
  });

  test('what was given up is not done when it goes on', async () => {
    const store = await openStore(redis.url, { limits });
    await store.events.begin(key, purpose);
    await store.events.append(key, 'me', { seq: 1, data: 'x' });
    redis.pause();
    const claim = timed(() => store.events.claim(key, 'me', 'other'));
    const append = timed(() => store.events.append(key, 'me', { seq: 2, data: 'y' }));
    expect((await claim).error).toBeDefined();
    expect((await append).error).toBeDefined();
    redis.wake();
    await reachable(store);
    const state = await store.events.state(key);
    expect([state?.owner, state?.lastSeq]).toEqual(['me', 1]);
  });

  test('as many commands wait as may, and no more', async () => {
    const store = await openStore(redis.url, { limits: { ...limits, storeCallsMax: 50 } });
    redis.pause();
    const calls = Array.from({ length: 60 }, () => timed(() => store.events.state(key)));
    const all = await Promise.all(calls);
    expect(all.filter(({ error }) => error?.includes('More than 50')).length).toBeGreaterThan(8);
    expect(all.filter(({ error }) => error === undefined)).toEqual([]);
    redis.wake();
  });

  test('what callers do is counted by the node itself', async () => {
    const store = await openStore(redis.url, { limits });
    const rate = { name: 'calls', burst: 3, inMs: 60_000 };
    redis.pause();
    const waits: number[] = [];
    for (let at = 0; at < 5; at++) waits.push(await store.rates.take(rate, 'ann', 1));
    expect(waits.map((ms) => ms > 0)).toEqual([false, false, false, true, true]);
    redis.wake();
  });

  test('a node that was silent for too long knows it', async () => {
    const store = await openStore(redis.url, { limits });
    let doubts = 0;
    store.cluster.onEpoch?.(() => void doubts++);
    expect(await store.cluster.isAlive(store.cluster.self)).toBe(true);
    redis.pause();
    await expect.poll(() => store.cluster.isAlive(store.cluster.self)).toBe(false);
    redis.wake();
    await expect.poll(() => doubts, { timeout: 5000 }).toBe(1);
    expect(await store.cluster.isAlive(store.cluster.self)).toBe(true);
  });
});

describe.skipIf(!hasRedis)('when Redis dies', () => {
  test('one that keeps nothing: who watches is told, and so is who wrote', async () => {
    redis = await startRedis();
    const store = await openStore(redis.url, { limits });
    await store.events.begin(key, purpose);
    await store.events.append(key, 'me', { seq: 1, data: 'x' });
    let changes = 0;
    let doubts = 0;
    await store.events.watch(key, () => changes++);
    store.cluster.onEpoch?.(() => void doubts++);
    await redis.kill();
    const { ms, error } = await timed(() => store.events.after(key, 0));
    expect(error).toBeDefined();
    expect(ms).toBeLessThan(1500);
    await redis.start();
    await expect.poll(() => [doubts > 0, changes > 0], { timeout: 8000 }).toEqual([true, true]);
    expect(await store.events.state(key)).toBeUndefined();
    expect(await store.events.append(key, 'me', { seq: 2, data: 'y' })).toBe(false);
  });

  test('one that keeps everything: it is all there, and who watches goes on', async () => {
    redis = await startRedis({ isDurable: true });
    const options = { limits: { ...limits, clusterLeaseMs: 60_000 }, prefix: newPlace() };
    const [store, other] = await Promise.all([
      openStore(redis.url, options),
      openStore(redis.url, options),
    ]);
    await store.events.begin(key, purpose);
    await store.events.append(key, 'me', { seq: 1, data: 'x' });
    let changes = 0;
    let doubts = 0;
    // Its lease is kept like all else: it doubts because the server is another one.
    store.cluster.onEpoch?.(() => void doubts++);
    await other.events.watch(key, () => changes++);
    await redis.kill();
    await redis.start();
    await Promise.all([reachable(store), reachable(other)]);
    await expect.poll(() => changes, { timeout: 8000 }).toBeGreaterThan(0);
    const before = changes;
    expect(await store.events.append(key, 'me', { seq: 2, data: 'y' })).toBe(true);
    await expect.poll(() => changes).toBeGreaterThan(before);
    const events = await other.events.after(key, 0);
    expect(events?.map(({ data }) => data)).toEqual(['x', 'y']);
    expect(doubts).toBe(1);
  });

  test('a stream that nobody has written since is claimed with a gap', async () => {
    redis = await startRedis({ isDurable: true });
    const store = await openStore(redis.url, { limits });
    const heard = { ...key, stream: 'heard' };
    for (const one of [key, heard]) {
      await store.events.begin(one, purpose);
      await store.events.append(one, 'me', { seq: 1, data: 'x' });
    }
    await redis.kill();
    await redis.start();
    await reachable(store);
    await store.events.append(heard, 'me', { seq: 2, data: 'y' });
    const claimed = await store.events.claim(key, 'me', 'other');
    expect(claimed?.lastSeq).toBeGreaterThan(1000);
    expect(await store.events.after(key, 1)).toBeUndefined();
    expect((await store.events.claim(heard, 'me', 'other'))?.lastSeq).toBe(2);
    expect(await store.events.after(heard, 1)).toEqual([{ seq: 2, data: 'y' }]);
  });

  test('a node that closes while it is away does not wait for it', async () => {
    redis = await startRedis();
    const store = await openStore(redis.url, { limits });
    redis.pause();
    const { ms, error } = await timed(() => store.close());
    expect(error).toBeUndefined();
    expect(ms).toBeLessThan(2000);
  });
});
