/** What the store keeps is bounded: by numbers, by time, and by the memory of Redis. */
import { Redis } from 'ioredis';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EventStore, StreamKey, StreamPurpose } from '../../../src/stores/event-store.js';
import { redisStore } from '../../../src/stores/redis.js';
import type { StoredTask } from '../../../src/stores/task-store.js';
import { newPlace, openStore, timed } from './places.js';
import { freePort, hasRedis, type RedisServer, startRedis } from './server.js';

const purpose: StreamPurpose = { owner: 'me', purpose: 'answers', owed: [1] };
const stream = (name: string): StreamKey => ({ principal: 'ann', session: 's', stream: name });

let redis: RedisServer;
beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(() => redis?.end());

const clients: Redis[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
function plainClient(port: number): Redis {
  const client = new Redis(port, '127.0.0.1');
  clients.push(client);
  return client;
}

async function fill(events: EventStore, name: string, texts: readonly string[]): Promise<void> {
  await events.begin(stream(name), purpose);
  for (const [at, data] of texts.entries()) {
    await events.append(stream(name), 'me', { seq: at + 1, data });
  }
}

describe.skipIf(!hasRedis)('events on Redis', () => {
  test('finished streams are gone after a while, and those that go on are not', async () => {
    const { events } = await openStore(redis.url, { limits: { eventTtlMs: 150 } });
    await fill(events, 'over', ['a']);
    await fill(events, 'live', ['a']);
    await events.finish(stream('over'), 'me', 1);
    expect(await events.after(stream('over'), 0)).toHaveLength(1);
    await expect.poll(() => events.state(stream('over'))).toBeUndefined();
    expect(await events.after(stream('over'), 1)).toBeUndefined();
    expect(await events.after(stream('live'), 0)).toHaveLength(1);
  });

  test('a session has so many bytes: what is finished goes first, the oldest before', async () => {
    const { events } = await openStore(redis.url, { limits: { eventBytesPerSessionMax: 12 } });
    for (const name of ['live', 'newer', 'old']) await fill(events, name, ['123']);
    for (const name of ['old', 'newer']) await events.finish(stream(name), 'me', 1);
    await events.append(stream('live'), 'me', { seq: 2, data: '456789' });
    expect(await events.after(stream('old'), 1)).toBeUndefined();
    expect(await events.after(stream('newer'), 0)).toHaveLength(1);
    expect(await events.after(stream('live'), 0)).toHaveLength(2);
    await events.append(stream('live'), 'me', { seq: 3, data: '0123456789' });
    expect(await events.after(stream('newer'), 1)).toBeUndefined();
    expect(await events.after(stream('live'), 0)).toBeUndefined();
    expect(await events.after(stream('live'), 2)).toHaveLength(1);
    // What has gone is not counted for ever.
    await fill(events, 'live', ['12']);
    await fill(events, 'another', ['1234567890']);
    expect(await events.after(stream('another'), 0)).toHaveLength(1);
    expect(await events.after(stream('live'), 0)).toHaveLength(1);
  });

  test('a number that was there before is refused, the same event again is not', async () => {
    const { events } = await openStore(redis.url);
    await fill(events, 'a', ['x', 'y']);
    expect(await events.append(stream('a'), 'me', { seq: 2, data: 'y' })).toBe(true);
    expect(
      (await timed(() => events.append(stream('a'), 'me', { seq: 2, data: 'z' }))).error,
    ).toContain('SEQUENCE');
    expect(
      (await timed(() => events.append(stream('a'), 'me', { seq: 1, data: 'z' }))).error,
    ).toContain('SEQUENCE');
    expect(await events.after(stream('a'), 0)).toEqual([
      { seq: 1, data: 'x' },
      { seq: 2, data: 'y' },
    ]);
  });

  test('events that Redis has thrown out are missed, not skipped', async () => {
    const prefix = newPlace();
    const { events } = await openStore(redis.url, { prefix });
    await fill(events, 'a', ['x', 'y']);
    const client = plainClient(redis.port);
    const [kept] = await client.keys(`${prefix}*:events:a`);
    await client.del(kept ?? '');
    expect(await events.after(stream('a'), 0)).toBeUndefined();
    expect(await events.append(stream('a'), 'me', { seq: 3, data: 'z' })).toBe(true);
    expect(await events.after(stream('a'), 1)).toBeUndefined();
    expect(await events.after(stream('a'), 2)).toHaveLength(1);
  });
});

describe.skipIf(!hasRedis)('all that is kept on Redis', () => {
  test('goes by itself some day', async () => {
    const prefix = newPlace();
    const store = await openStore(redis.url, { prefix });
    const record = { createdAt: 1, lastSeenAt: 1, version: 1, record: {} };
    const session = { hash: 's', principal: 'ann', countedAs: 'ann', ...record };
    await store.sessions.add(session, { max: 9, perCallerMax: 9, seenSince: 0 });
    await store.sessions.touch('ann', 's', 5);
    await fill(store.events, 'a', ['x']);
    await fill(store.events, 'b', ['x']);
    await store.events.append(stream('b'), 'me', { seq: 7, data: 'y' });
    await store.events.finish(stream('a'), 'me', 1);
    await store.events.forget(stream('unknown'));
    const now = Date.now();
    const times = { createdAt: now, updatedAt: now, ttlMs: 1000, pollIntervalMs: 1 };
    const request = { method: 'tools/call' };
    const about = {
      id: '1',
      owner: 'ann',
      node: 'n',
      status: 'working',
      restartable: false,
    } as const;
    const task: StoredTask = { ...about, ...times, request, caller: {}, keys: [] };
    await store.tasks.add(task, { max: 9 });
    const secret = new Uint8Array(32);
    await store.keys.ring({ id: 'k', secret, createdAt: 1 }, { renewBefore: 0, forgetBefore: 0 });
    await store.rates.take({ name: 'calls', burst: 3, inMs: 5000 }, 'ann', 1);

    const client = plainClient(redis.port);
    const names = await client.keys(`${prefix}*`);
    expect(names.length).toBeGreaterThanOrEqual(15);
    const forEver = [];
    for (const name of names) if ((await client.pttl(name)) < 0) forEver.push(name);
    expect(forEver).toEqual([]);
    expect(names.filter((name) => name.includes('ann'))).toEqual([]);
  });

  test('of a session that idles goes in its time, and stays while that is in use', async () => {
    const prefix = newPlace();
    const times = { sessionIdleMs: 60_000, sessionSaveMs: 5000, sessionTotalMs: 100_000 };
    const store = await openStore(redis.url, { prefix, limits: times });
    const client = plainClient(redis.port);
    const room = { max: 9, perCallerMax: 9, seenSince: 0 };
    const about = { hash: 's', principal: 'ann', createdAt: 1, record: {} };
    await store.sessions.add({ ...about, lastSeenAt: 1, version: 1 }, room);
    await fill(store.events, 'a', ['x']);
    await fill(store.events, 'over', ['x']);
    await store.events.finish(stream('over'), 'me', 1);
    const names = await client.keys(`${prefix}{*`);
    expect(names.length).toBeGreaterThanOrEqual(7);
    const lifetimes = (): Promise<number[]> => Promise.all(names.map((name) => client.pttl(name)));
    expect(Math.max(...(await lifetimes()))).toBeLessThanOrEqual(65_000);
    const going = async (): Promise<void> => {
      for (const name of names) await client.pexpire(name, 30_000);
    };
    await going();
    await store.sessions.touch('ann', 's', 2);
    // What is finished has a time of its own.
    const lasting = async (): Promise<number> =>
      (await lifetimes()).filter((ms) => ms > 60_000).length;
    expect(await lasting()).toBe(names.length - 2);
    await going();
    expect(await store.sessions.replace({ ...about, lastSeenAt: 3, version: 2 })).toBe(true);
    expect(await lasting()).toBe(names.length - 2);
    // Nothing lasts longer than a session may.
    const [record = ''] = names.toSorted((one, other) => one.length - other.length);
    await client.hincrby(record, 'until', -80_000);
    await store.sessions.touch('ann', 's', 4);
    expect(Math.max(...(await lifetimes()))).toBeLessThanOrEqual(30_000);
  });

  test('is refused, whole, where there is no memory left; what frees some goes on', async () => {
    const small = await startRedis({ config: ['maxmemory 4mb', 'maxmemory-policy noeviction'] });
    try {
      const { events } = await openStore(small.url);
      await events.begin(stream('a'), purpose);
      const data = 'x'.repeat(100_000);
      let seq = 0;
      let error: string | undefined;
      while (error === undefined && seq < 100) {
        seq++;
        const event = { seq, data };
        ({ error } = await timed(() => events.append(stream('a'), 'me', event)));
      }
      expect(error).toContain('OOM');
      expect((await events.state(stream('a')))?.lastSeq).toBe(seq - 1);
      expect(await events.after(stream('a'), 0)).toHaveLength(seq - 1);
      await events.forgetSession('ann', 's');
      await fill(events, 'b', ['y']);
      expect(await events.after(stream('b'), 0)).toHaveLength(1);
    } finally {
      await small.end();
    }
  });
});

describe.skipIf(!hasRedis)('a password', () => {
  test('is told to Redis, and to nobody else', async () => {
    const locked = await startRedis({ config: ['requirepass right-one'] });
    try {
      const limits = { storeConnectMs: 500 };
      const at = (password: string): string => `redis://:${password}@127.0.0.1:${locked.port}/0`;
      await openStore(at('right-one'), { limits });
      const wrong = await redisStore(at('wrong-one'), { limits }).catch(
        (thrown: unknown) => thrown,
      );
      expect(wrong).toBeInstanceOf(Error);
      expect(inspected(wrong)).toContain('WRONGPASS');
      expect(inspected(wrong)).not.toContain('wrong-one');
      const bad = await redisStore('redis://:secret@[').catch((thrown: unknown) => thrown);
      expect(bad).toBeInstanceOf(TypeError);
      expect(inspected(bad)).not.toContain('secret');
    } finally {
      await locked.end();
    }
  });
});

describe.skipIf(!hasRedis)('a line that others can read', () => {
  test('is sealed with TLS, and a certificate of nobody is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-'));
    const port = await freePort();
    const at = (file: string): string => join(folder, file);
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const about = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', at('key'), '-out', at('cert')];
    execFileSync('openssl', ['req', '-x509', ...kind, ...about, ...files], { stdio: 'ignore' });
    const own = [`tls-cert-file ${at('cert')}`, `tls-key-file ${at('key')}`, 'tls-auth-clients no'];
    const config = [`tls-port ${port}`, `tls-ca-cert-file ${at('cert')}`, ...own];
    const sealed = await startRedis({ config });
    try {
      const limits = { storeConnectMs: 1000 };
      const url = `rediss://localhost:${port}`;
      const tls = { ca: readFileSync(at('cert'), 'utf8') };
      const { events } = await openStore({ url, tls }, { limits });
      await fill(events, 'a', ['x']);
      expect(await events.after(stream('a'), 0)).toHaveLength(1);
      const { error } = await timed(() => redisStore(url, { limits }));
      expect(error).toContain('self-signed certificate');
      expect(
        (await timed(() => redisStore(`redis://localhost:${port}`, { limits }))).error,
      ).toBeDefined();
    } finally {
      await sealed.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function inspected(thrown: unknown): string {
  const { message, stack, cause } = thrown as Error;
  return [message, stack, JSON.stringify(thrown), String(cause)].join('\n');
}
