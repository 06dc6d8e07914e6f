/** What a node could not tell the others of: they learn that there was something. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPlace, openStore } from './places.js';
import { hasRedis, type RedisServer, startRedis } from './server.js';
import { settle } from '../../settle.js';

let redis: RedisServer;

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(() => redis?.end());

/** Two nodes, of which one has more to say than goes into a message, and what the other missed. */
async function tellTooMuch(clusterRenewMs: number) {
  const prefix = newPlace();
  const limits = { clusterRenewMs, clusterMessageBytesMax: 200 };
  const one = await openStore(redis.url, { prefix, limits });
  const other = await openStore(redis.url, { prefix });
  const seen = { missed: 0 };
  other.cluster.onMissed?.(() => seen.missed++);
  one.cluster.tell('news', { text: 'x'.repeat(200) });
  return { one, seen };
}

describe.skipIf(!hasRedis)('a node that could not tell the others', () => {
  test('says so the next time that it says that it lives', async () => {
    const { seen } = await tellTooMuch(50);
    await expect.poll(() => seen.missed).toBe(1);
  });

  test('says so before it closes', async () => {
    const { one, seen } = await tellTooMuch(60_000);
    await one.close();
    await expect.poll(() => seen.missed).toBe(1);
  });

  test('has the others look once for all that say so at the same time', async () => {
    const prefix = newPlace();
    const few = { clusterRenewMs: 60_000, clusterMessageBytesMax: 200 };
    const many = Array.from({ length: 5 }, () => openStore(redis.url, { prefix, limits: few }));
    const nodes = await Promise.all(many);
    const limits = { clusterMissedEveryMs: 60_000 };
    const other = await openStore(redis.url, { prefix, limits });
    let missed = 0;
    other.cluster.onMissed?.(() => missed++);
    const isOver = new Promise<void>((over) => {
      other.cluster.hear('over', () => {
        over();
        return true;
      });
    });
    for (const { cluster } of nodes) cluster.tell('news', { text: 'x'.repeat(200) });
    await settle();
    await Promise.all(nodes.slice(1).map((node) => node.close()));
    nodes[0]!.cluster.tell('over', {});
    await isOver;
    expect(missed).toBe(1);
  });
});
