/** Whatever the network does, each event comes once, in its order, and to its own client. */
import { afterEach, describe, expect, test } from 'vitest';
import { hasRedis } from '../contract/redis/server.js';
import { type ChaosFigures, type ChaosOptions, runChaos } from './chaos.js';
import type { Fault } from './faulty-store.js';
import type { Figures } from './oracle.js';
import { type Place, places } from './stores.js';
import { showTable } from './table.js';

const clients = { ours: 6, v1: 4, v2: 4 };
const fewClients = { ours: 3, v1: 2, v2: 2 };

/** What each store has to stand: those outside of the process are slower. */
const cutsOf = { memory: 1400, sqlite: 400, redis: 300 };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe.each(Object.entries(cutsOf))('%s', (kind, cuts) => {
  test.skipIf(kind === 'redis' && !hasRedis)(
    `${cuts} cuts lose, repeat, reorder and mix up nothing`,
    async () => {
      const figures = await chaosAt(await placeIn(kind), { clients, cuts, seed: 1 });
      expect(wrongs(figures)).toEqual(nothingWrong);
      expectAllKinds(figures);
    },
    300_000,
  );
});

test.skipIf(!hasRedis)(
  'three nodes behind one address that share a Redis are no different',
  async () => {
    const wishes = { clients: fewClients, cuts: 120, seed: 3, nodes: 3 };
    const figures = await chaosAt(await placeIn('redis'), wishes);
    expect(wrongs(figures)).toEqual(nothingWrong);
    expect(figures.all.calls).toBeGreaterThan(0);
  },
  300_000,
);

// An oracle that has never said no might not be able to.
test.each<[Fault, keyof Figures]>([
  ['loses', 'lost'],
  ['duplicates', 'duplicated'],
  ['reorders', 'reordered'],
  ['crosses', 'crossed'],
])(
  'a store that %s events is found out',
  async (fault, what) => {
    const wishes = { clients: fewClients, cuts: 80, seed: 2, fault };
    const { all } = await runChaos({ store: 'memory', ...wishes });
    expect(all[what]).toBeGreaterThan(0);
  },
  60_000,
);

async function placeIn(kind: string): Promise<Place> {
  const place = await places[kind]!();
  ends.push(() => place.end());
  return place;
}

async function chaosAt(place: Place, wishes: Omit<ChaosOptions, 'store'>): Promise<ChaosFigures> {
  const figures = await runChaos({ store: place.name, ...wishes });
  showTable(place.name, figures);
  return figures;
}

function expectAllKinds({ proxy, byClient }: ChaosFigures): void {
  const ways = ['fin', 'rst', 'towardsClient', 'towardsServer'] as const;
  for (const kind of [...ways, 'stalled', 'blackholed', 'delayed'] as const) {
    expect(proxy[kind], kind).toBeGreaterThan(0);
  }
  for (const figures of Object.values(byClient)) {
    expect(figures.notices).toBeGreaterThan(0);
    // Most calls get as far as their first event.
    expect(figures.unknown).toBeLessThan(figures.calls);
  }
}

function wrongs({ all, faults }: ChaosFigures): object {
  const { lost, duplicated, reordered, crossed, failed, gaps } = all;
  return { lost, duplicated, reordered, crossed, failed, gaps, faults };
}

const nothingWrong = {
  ...{ lost: 0, duplicated: 0, reordered: 0, crossed: 0, failed: 0, gaps: 0 },
  faults: [],
};
