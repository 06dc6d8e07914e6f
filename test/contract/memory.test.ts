import { describe, expect, test } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import type { EventStore } from '../../src/stores/event-store.js';
import type { KeyStore } from '../../src/stores/key-store.js';
import { memoryEvents } from '../../src/stores/memory-events.js';
import { memoryKeys } from '../../src/stores/memory-kept.js';
import { memorySessions } from '../../src/stores/memory.js';
import type { SessionStore } from '../../src/stores/session-store.js';
import {
  clusterContract,
  type ContractCase,
  eventBoundsContract,
  eventStoreContract,
  keyStoreContract,
  manualClock,
  memoryNodes,
  sessionStoreContract,
} from '../../src/testing/index.js';

const open = (): EventStore => memoryEvents(resolveLimits(), manualClock());

function keeps(what: string, cases: readonly ContractCase[]): void {
  describe(`${what} in memory keep the contract`, () => {
    for (const { name, run } of cases) test(name, () => run());
  });
}

keeps('events', eventStoreContract(open));
keeps(
  'the bounds of events',
  eventBoundsContract(({ limits, clock }) => memoryEvents(resolveLimits(limits), clock)),
);
keeps('sessions', sessionStoreContract(memorySessions, { countsRoom: true }));
keeps('keys', keyStoreContract(memoryKeys));
keeps(
  'nodes',
  clusterContract(() => {
    const { join } = memoryNodes();
    return [join(), join()];
  }),
);

async function isRefused(cases: readonly ContractCase[]): Promise<boolean> {
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
  return outcomes.some(({ status }) => status === 'rejected');
}

test.concurrent.each<[string, (store: EventStore) => Partial<EventStore>]>([
  ['forgets what it has', () => ({ after: () => [] })],
  [
    'skips what it has lost',
    (store) => ({ after: async (...a) => (await store.after(...a)) ?? [] }),
  ],
  [
    'mixes streams',
    (store) => ({ append: (key, ...rest) => store.append({ ...key, stream: 'a' }, ...rest) }),
  ],
  [
    'mixes principals',
    (store) => ({ append: (key, ...rest) => store.append({ ...key, principal: '' }, ...rest) }),
  ],
  [
    'renumbers',
    (store) => ({
      async append(key, owner, event, settled) {
        const state = await store.state(key);
        return store.append(key, owner, { ...event, seq: (state?.lastSeq ?? 0) + 1 }, settled);
      },
    }),
  ],
  [
    'settles nothing',
    (store) => ({ append: (key, owner, event) => store.append(key, owner, event) }),
  ],
  [
    'lets anybody append',
    (store) => ({
      async append(key, _owner, event, settled) {
        const { owner = '' } = (await store.state(key)) ?? {};
        return store.append(key, owner, event, settled);
      },
    }),
  ],
  [
    'lets anybody claim',
    (store) => ({
      async claim(key, _from, owner) {
        const state = await store.state(key);
        return store.claim(key, state?.owner ?? '', owner);
      },
    }),
  ],
  ['keeps the streams of a session', () => ({ forgetSession: () => undefined })],
  ['forgets at the end', (store) => ({ finish: (key) => store.forget(key) })],
  [
    'goes on with what was begun before',
    (store) => ({
      begin: async (...a) =>
        (await store.state(a[0])) === undefined ? store.begin(...a) : undefined,
    }),
  ],
  ['tells watchers nothing', () => ({ watch: () => () => undefined })],
  [
    'tells who has stopped watching',
    (store) => ({
      async watch(...a) {
        await store.watch(...a);
        return () => undefined;
      },
    }),
  ],
])('the contract notices a store of events that %s', async (_what, breakIt) => {
  const broken = (): EventStore => {
    const store = open();
    return { ...store, ...breakIt(store) };
  };
  expect(await isRefused(eventStoreContract(broken))).toBe(true);
});

test.each<[string, (store: SessionStore) => Partial<SessionStore>]>([
  ['finds what belongs to others', (store) => ({ get: (_who, hash) => store.get('ann', hash) })],
  ['keeps nothing', () => ({ add: () => 'added' })],
  ['replaces nothing', () => ({ replace: () => true })],
  ['does not say when one was in use', () => ({ touch: () => undefined })],
  ['lets anybody delete', (store) => ({ delete: (_who, hash) => store.delete('ann', hash) })],
])('the contract notices a store of sessions that %s', async (_what, breakIt) => {
  const broken = (): SessionStore => {
    const store = memorySessions();
    return { ...store, ...breakIt(store) };
  };
  expect(await isRefused(sessionStoreContract(broken))).toBe(true);
});

test('the contract notices a store of sessions that lets anybody in', async () => {
  const everywhere = { max: Infinity, perCallerMax: Infinity, seenSince: 0 };
  const openDoor = (): SessionStore => {
    const store = memorySessions();
    return { ...store, add: (session) => store.add(session, everywhere) };
  };
  expect(await isRefused(sessionStoreContract(openDoor, { countsRoom: true }))).toBe(true);
});

test.each<[string, (store: KeyStore) => Partial<KeyStore>]>([
  [
    'never renews',
    (store) => ({ ring: (fresh, t) => store.ring(fresh, { ...t, renewBefore: 0 }) }),
  ],
  [
    'never forgets',
    (store) => ({ ring: (fresh, t) => store.ring(fresh, { ...t, forgetBefore: 0 }) }),
  ],
  ['shows each its own', () => ({ ring: (fresh) => [fresh] })],
])('the contract notices a store of keys that %s', async (_what, breakIt) => {
  const broken = (): KeyStore => {
    const store = memoryKeys();
    return { ...store, ...breakIt(store) };
  };
  expect(await isRefused(keyStoreContract(broken))).toBe(true);
});
