/** A Redis that has forgotten the scripts that it was given: nobody notices. */
import { afterEach, describe, expect, test } from 'vitest';
import type { StreamKey, StreamPurpose } from '../../../src/stores/event-store.js';
import { newPlace, openStore, timed } from './places.js';
import { ask, hasRedis, type RedisServer, startRedis } from './server.js';

const key: StreamKey = { principal: 'ann', session: 's', stream: 'a' };
const purpose: StreamPurpose = { owner: 'me', purpose: 'answers', owed: [] };

const servers: RedisServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end()));
});

async function start(config: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ config });
  servers.push(server);
  return server;
}

/** From then on it knows none of them. */
async function forgetAll({ port }: RedisServer): Promise<void> {
  expect(await ask(port, 'SCRIPT FLUSH')).toBe('+OK\r\n');
}

/** Whether its replica has all that it has, and has said so. */
async function isInStep({ port }: RedisServer): Promise<boolean> {
  const info = await ask(port, 'INFO replication');
  const [, had = ''] = /,offset=(\d+)/.exec(info) ?? [];
  return info.includes(`master_repl_offset:${had}\r\n`);
}

describe.skipIf(!hasRedis)('scripts that Redis has forgotten', () => {
  test('are sent once more, each by the call that needs it', async () => {
    const redis = await start();
    const store = await openStore(redis.url);
    await store.events.begin(key, purpose);
    await forgetAll(redis);
    expect(await store.events.append(key, 'me', { seq: 1, data: 'x' })).toBe(true);
    expect(await store.events.after(key, 0)).toEqual([{ seq: 1, data: 'x' }]);
    expect(await store.tasks.get('ann', 'none')).toBeUndefined();
  });

  test('and what they write is kept once a replica has it, not before', async () => {
    const redis = await start(['repl-diskless-sync-delay 0']);
    const replica = await start([`replicaof 127.0.0.1 ${redis.port}`]);
    const limits = { storeCommandMs: 1000, storeReplicaMs: 200 };
    const store = await openStore(redis.url, { prefix: newPlace(), limits, waitReplicas: 1 });
    const begin = (): Promise<unknown> => timed(() => store.events.begin(key, purpose));
    await expect.poll(begin, { timeout: 15_000 }).toMatchObject({ error: undefined });
    await expect.poll(() => isInStep(redis), { timeout: 5000 }).toBe(true);
    replica.pause();
    await forgetAll(redis);
    const append = (): Promise<{ readonly error: string | undefined }> =>
      timed(() => store.events.append(key, 'me', { seq: 1, data: 'x' }));
    expect((await append()).error).toContain('0 of 1 replicas');
    replica.wake();
    await expect.poll(append, { timeout: 5000 }).toMatchObject({ error: undefined });
  });
});
