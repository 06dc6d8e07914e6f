/**
 * A primary that is cut off from its replica and the sentinels, but not from who writes to it: for
 * a while there are two. What the one has kept that gives way is lost, and said to be.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerStore } from '../../../src/stores/server-store.js';
import { ask, hasRedis, type RedisServer } from './server.js';
import { inStep, limits, readAll, replaced, stuck, written } from './fail-overs.js';
import { judge, type Ledger, nothingWrong, openLedger } from './ledger.js';
import { hasNamespaces, type Network, openNetwork } from './network.js';
import { newPlace, openStore } from './places.js';
import { type Guarded, startGuarded } from './sentinels.js';

const partitions = Number(process.env['PARTITIONS'] ?? 1);
const servers = 2;
const sentinels = 3;

let network: Network | undefined;
let guarded: Guarded | undefined;
afterEach(async () => {
  await guarded?.end();
  network?.close();
  guarded = network = undefined;
});

describe.skipIf(!hasRedis || !hasNamespaces)('a network that falls into two parts', () => {
  const timeout = 60_000 + partitions * 20_000;

  test('what the smaller part has kept is there, or its loss is said', { timeout }, async () => {
    const counts = await divide({}, async (ledger) => written(ledger));
    console.log('two primaries', { partitions, ...counts });
    // The writer could go on, and was told.
    expect(counts.ended).toBeGreaterThanOrEqual(partitions);
  });

  test('where replicas are waited for, it keeps nothing', { timeout }, async () => {
    const counts = await divide({ waitReplicas: 1 }, stuck, async ({ pages }, reader) => {
      for (const { key, kept } of pages) {
        expect(await readAll(reader, key)).toEqual(expect.arrayContaining(kept));
      }
    });
    console.log('no replica', { partitions, ...counts });
  });
});

/**
 * `meanwhile`: what the writer does while it is with the smaller part, and the reader is not.
 * `after`: what is looked at when there is one network again.
 */
async function divide(
  options: { readonly waitReplicas?: number },
  meanwhile: (ledger: Ledger) => Promise<void>,
  after: (ledger: Ledger, reader: ServerStore) => Promise<void> = () => Promise.resolve(),
): Promise<{ kept: number; ended: number; streams: number; refused: number }> {
  network = openNetwork(servers + sentinels);
  guarded = await startGuarded(network.hosts);
  const sums = { kept: 0, ended: 0, streams: 0, refused: 0 };
  for (let at = 0; at < partitions; at++) {
    await inStep(guarded);
    const before = await guarded.primary();
    // Who waits for a replica in vain gives up on that, not on the primary.
    const patient = { ...limits, storeCommandMs: 3000 };
    const same = { limits: patient, prefix: newPlace(), ...options };
    const reader = await openStore(guarded.address, same);
    const isReaders = await clientsOf(before);
    const writer = await openStore(guarded.address, same);
    const ledger = openLedger({ writer, reader, streams: 4, doesRetry: true });
    await written(ledger);
    const cutOff = network.hosts.find(({ address }) => address === before.host)!;
    network.cut(cutOff);
    await replaced(guarded, before);
    for (const id of isReaders) await ask(before.port, `CLIENT KILL ID ${id}`, before.host);
    // Nobody but the writer is still with it.
    const asked = await scriptsOf(before);
    await meanwhile(ledger);
    await expect.poll(() => scriptsOf(before), { timeout: 5000 }).toBeGreaterThan(asked);
    network.mend(cutOff);
    await inStep(guarded);
    await written(ledger);
    await ledger.close();
    expect(judge(ledger.pages)).toEqual(nothingWrong);
    await after(ledger, reader);
    for (const key of ['kept', 'ended', 'streams', 'refused'] as const)
      sums[key] += ledger.counts[key];
    await Promise.all([reader.close(), writer.close()]);
  }
  return sums;
}

/** The ids of those that are connected, but for replicas and this question. */
async function clientsOf({ host, port }: RedisServer): Promise<string[]> {
  const answer = await ask(port, 'CLIENT LIST TYPE normal', host);
  const pubsub = await ask(port, 'CLIENT LIST TYPE pubsub', host);
  return [...`${answer}\n${pubsub}`.matchAll(/^id=(\d+) .*?cmd=(\S+)/gm)]
    .filter(([, , command]) => command !== 'client|list')
    .map(([, id]) => id!);
}

/** How often the store has had it run scripts. */
async function scriptsOf({ host, port }: RedisServer): Promise<number> {
  const stats = await ask(port, 'INFO commandstats', host);
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);
}
