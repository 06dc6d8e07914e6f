/** Fail-overs and partitions under load: what was lost is said, and nothing comes twice. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RedisStoreOptions } from '../../../src/stores/redis.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import { inStep, limits, readAll, replaced, stuck, written } from './fail-overs.js';
import { judge, nothingWrong, openLedger } from './ledger.js';
import { directions, openLine } from './line.js';
import { newPlace, openStore, timed } from './places.js';
import { type Guarded, startGuarded } from './sentinels.js';
import { hasRedis, startRedis } from './server.js';

const failovers = Number(process.env['FAILOVERS'] ?? 3);
const partitions = Number(process.env['PARTITIONS'] ?? 2);

let guarded: Guarded | undefined;
afterEach(async () => {
  await guarded?.end();
  guarded = undefined;
});

async function openPair(options: RedisStoreOptions): Promise<readonly [ServerStore, ServerStore]> {
  const { address } = guarded!;
  const same = { limits, prefix: newPlace(), ...options };
  return Promise.all([openStore(address, same), openStore(address, same)]);
}

async function failOver(of: Guarded): Promise<void> {
  const dying = await of.primary();
  await dying.kill();
  await replaced(of, dying);
  // Never as a primary: it keeps nothing, and one that comes back empty may be chosen again.
  const { port } = await of.primary();
  await dying.start([`replicaof 127.0.0.1 ${port}`]);
  await inStep(of);
}

describe.skipIf(!hasRedis)('a primary that sentinels watch', () => {
  const timeout = 60_000 + Math.max(failovers, partitions) * 20_000;
  beforeEach(async () => {
    guarded = await startGuarded();
    await inStep(guarded);
  }, 60_000);

  test(
    'dies, and another takes its place: what it had told nobody is said',
    { timeout },
    async () => {
      const [writer, reader] = await openPair({});
      let doubts = 0;
      writer.cluster.onEpoch?.(() => void doubts++);
      const ledger = openLedger({ writer, reader, streams: 4, doesRetry: false });
      for (let at = 1; at <= failovers; at++) {
        await written(ledger);
        await failOver(guarded!);
        await expect.poll(() => doubts, { timeout: 10_000 }).toBeGreaterThanOrEqual(at);
      }
      await ledger.close();
      console.log('fail-overs', { failovers, ...ledger.counts });
      expect(judge(ledger.pages)).toEqual(nothingWrong);
    },
  );

  test('dies, and what replicas were waited for is all there', { timeout }, async () => {
    const [writer, reader] = await openPair({ waitReplicas: 1 });
    const ledger = openLedger({ writer, reader, streams: 4, doesRetry: true });
    for (let at = 1; at <= failovers; at++) {
      await written(ledger);
      await failOver(guarded!);
    }
    await ledger.close();
    console.log('with a replica', { failovers, ...ledger.counts });
    expect(judge(ledger.pages)).toEqual(nothingWrong);
    for (const { key, kept } of ledger.pages) {
      expect(await readAll(reader, key)).toEqual(expect.arrayContaining(kept));
    }
  });

  test(
    'has a replica that hangs: what it does not have counts as not kept',
    { timeout },
    async () => {
      const [writer, reader] = await openPair({ waitReplicas: 1 });
      const key = { principal: 'ann', session: 's', stream: 'a' };
      const owner = writer.cluster.self;
      const purpose = { owner, purpose: 'notices', owed: [] } as const;
      // A replica that has just come may take a moment longer than it is waited for.
      const begin = () => timed(() => writer.events.begin(key, purpose));
      await expect.poll(begin, { timeout: 10_000 }).toMatchObject({ error: undefined });
      const append = () => writer.events.append(key, owner, { seq: 1, data: 'x' });
      const primary = await guarded!.primary();
      const replica = guarded!.servers.find((server) => server !== primary)!;
      replica.pause();
      expect((await timed(append)).error).toContain('0 of 1 replicas');
      // Here it is, but the promise is not: the same again is no promise, either.
      expect(await reader.events.after(key, 0)).toHaveLength(1);
      expect((await timed(append)).error).toContain('0 of 1 replicas');
      replica.wake();
      await expect
        .poll(() => timed(append), { timeout: 10_000 })
        .toMatchObject({ error: undefined });
    },
  );

  test('hangs, for moments and until another has its place', { timeout }, async () => {
    const [writer, reader] = await openPair({});
    const ledger = openLedger({ writer, reader, streams: 4, doesRetry: true });
    for (let at = 1; at <= partitions; at++) {
      await written(ledger);
      const hanging = await guarded!.primary();
      hanging.pause();
      await (at % 2 === 1 ? replaced(guarded!, hanging) : stuck(ledger));
      // It may not know yet that it has been replaced.
      hanging.wake();
      await inStep(guarded!);
    }
    await ledger.close();
    console.log('hanging', { partitions, ...ledger.counts });
    expect(judge(ledger.pages)).toEqual(nothingWrong);
  });
});

describe.skipIf(!hasRedis)('a line that takes nothing for a while', () => {
  test.each(directions)('%s', { timeout: 60_000 + partitions * 5000 }, async (direction) => {
    const server = await startRedis();
    const line = await openLine(server.port);
    try {
      const options = { limits, prefix: newPlace() };
      const writer = await openStore(`redis://127.0.0.1:${line.port}`, options);
      const reader = await openStore(server.url, options);
      const ledger = openLedger({ writer, reader, streams: 4, doesRetry: true });
      for (let at = 0; at < partitions; at++) {
        await written(ledger);
        line.cut(direction);
        await stuck(ledger);
        line.mend();
      }
      await written(ledger);
      await ledger.close();
      console.log('line', { direction, partitions, ...ledger.counts });
      // The server was there all the time: nothing is missing, and nothing has to be ended.
      expect(judge(ledger.pages)).toEqual(nothingWrong);
      expect(ledger.counts.ended).toBe(0);
    } finally {
      line.close();
      await server.end();
    }
  });
});
