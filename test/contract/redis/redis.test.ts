/** The store on a real Redis keeps every contract. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Limits } from '../../../src/limits.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import {
  clusterContract,
  type ContractCase,
  durableStoreContract,
  eventBoundsContract,
  eventStoreContract,
  keyStoreContract,
  sessionStoreContract,
  sharedStoreContract,
  taskStoreContract,
} from '../../../src/testing/index.js';
import { newPlace, openStore } from './places.js';
import { hasRedis, type RedisServer, startRedis } from './server.js';

let redis: RedisServer;

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(() => redis?.end());

const open = (prefix: string): Promise<ServerStore> => openStore(redis.url, { prefix });
const openNew = (limits: Partial<Limits> = {}): Promise<ServerStore> =>
  openStore(redis.url, { limits });

async function openTwo(): Promise<readonly [ServerStore, ServerStore]> {
  const place = newPlace();
  return [await open(place), await open(place)];
}

// One Redis keeps its own time, and bounds all sessions together by its own memory.
const ofAll = /of all|after a while|for room/;
const bounds = eventBoundsContract(async ({ limits }) => (await openNew(limits)).events).filter(
  ({ name }) => !ofAll.test(name),
);

const contracts: { readonly [part: string]: readonly ContractCase[] } = {
  sessions: sessionStoreContract(async () => (await openNew()).sessions, { countsRoom: true }),
  events: eventStoreContract(async () => (await openNew()).events),
  bounds,
  keys: keyStoreContract(async () => (await openNew()).keys),
  tasks: taskStoreContract(async () => (await openNew()).tasks),
  nodes: clusterContract(async () => {
    const [one, other] = await openTwo();
    return [one.cluster, other.cluster];
  }),
  'two nodes': sharedStoreContract(openTwo),
  'opened again': durableStoreContract(() => {
    const place = newPlace();
    return () => open(place);
  }),
};

describe.skipIf(!hasRedis).each(Object.entries(contracts))('Redis: %s', (_part, cases) => {
  test.each(cases)('$name', ({ run }) => run());
});
