/** What tests of fail-overs and partitions wait for, and the times that they are made for. */
import { expect } from 'vitest';
import { defaultLimits } from '../../../src/limits.js';
import type { StreamKey } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import type { Ledger } from './ledger.js';
import type { Guarded } from './sentinels.js';
import type { RedisServer } from './server.js';

export const limits = {
  storeCommandMs: 500,
  clusterRenewMs: 200,
  storeConnectMs: 10_000,
  eventsPerStreamMax: 1e6,
};

/** One is the primary, the other has all that it has, and the sentinels know both. */
export function inStep(of: Guarded): Promise<void> {
  return expect.poll(() => of.isInStep().catch(() => false), { timeout: 30_000 }).toBe(true);
}

/** Resolves when some more was kept. */
export async function written(ledger: Ledger): Promise<void> {
  const before = ledger.counts.kept;
  await expect.poll(() => ledger.counts.kept, { timeout: 15_000 }).toBeGreaterThan(before + 50);
}

/** Resolves when nothing was kept for a second. */
export async function stuck(ledger: Ledger): Promise<void> {
  await expect.poll(() => ledger.isStuck, { timeout: 5000 }).toBe(true);
}

/** Resolves when the sentinels name another one. */
export async function replaced(of: Guarded, server: RedisServer): Promise<void> {
  const found = (): Promise<RedisServer> => of.primary().catch(() => server);
  await expect.poll(found, { timeout: 30_000 }).not.toBe(server);
}

/** Piece by piece, as readers do: two hundred fail-overs leave more than one command can bring. */
export async function readAll({ events }: ServerStore, key: StreamKey): Promise<number[]> {
  const seqs: number[] = [];
  for (;;) {
    const some = await events.after(key, seqs.at(-1) ?? 0, defaultLimits.followBytesMax);
    if (some === undefined || some.length === 0) return seqs;
    seqs.push(...some.map(({ seq }) => seq));
  }
}
