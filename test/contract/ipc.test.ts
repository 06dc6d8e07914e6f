/** A store in one process, for others beside it: here the messages are copied, the process is one. */
import { afterEach, describe, expect, test } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { systemPlatform } from '../../src/platform/platform.js';
import { ipcStore } from '../../src/stores/ipc/connect.js';
import { serveStore } from '../../src/stores/ipc/serve.js';
import type { IpcPort } from '../../src/stores/ipc/words.js';
import { memoryStore, sharedMemoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import {
  clusterContract,
  type ContractCase,
  eventStoreContract,
  keyStoreContract,
  manualClock,
  sessionStoreContract,
  sharedStoreContract,
  taskStoreContract,
} from '../../src/testing/index.js';

const limits = resolveLimits();

/** Two ends; what is sent arrives later, in order, as a copy. */
function channel(): readonly [IpcPort, IpcPort] {
  const { port1, port2 } = new MessageChannel();
  const end = (port: MessagePort): IpcPort => ({
    send: (message) => port.postMessage(message),
    onMessage(heard) {
      port.addEventListener('message', ({ data }) => heard(data));
      port.start();
    },
  });
  opened.push(port1);
  return [end(port1), end(port2)];
}

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

function openNodes(): readonly [ServerStore, ServerStore] {
  const owner = serveStore({ store: memoryStore(limits, systemPlatform), limits, clock: systemClock });
  const node = (name: string): ServerStore => {
    const [there, here] = channel();
    owner.join(name, there);
    return ipcStore({ port: here, name, limits, clock: systemClock });
  };
  return [node('one'), node('two')];
}

const contracts: { readonly [part: string]: readonly ContractCase[] } = {
  sessions: sessionStoreContract(() => openNodes()[0].sessions, { countsRoom: true }),
  events: eventStoreContract(() => openNodes()[0].events),
  keys: keyStoreContract(() => openNodes()[0].keys),
  tasks: taskStoreContract(() => openNodes()[0].tasks),
  nodes: clusterContract(() => {
    const [one, two] = openNodes();
    return [one.cluster, two.cluster];
  }),
  'two nodes': sharedStoreContract(() => Promise.resolve(openNodes())),
};

describe.each(Object.entries(contracts))('a store of another process: %s', (_part, cases) => {
  test.each(cases)('$name', ({ run }) => run());
});

test('sessions of several processes are forgotten in their time, streams and all', async () => {
  const clock = manualClock();
  const store = sharedMemoryStore(limits, { ...systemPlatform, clock });
  const key = { principal: 'ann', session: 's', stream: 'a' };
  const now = clock.now();
  const about = { principal: 'ann', createdAt: now, lastSeenAt: now, version: 1, record: {} };
  const room = { max: 10, perCallerMax: 10, seenSince: 0 };
  for (const hash of ['s', 'used']) await store.sessions.add({ ...about, hash }, room);
  await store.events.begin(key, { owner: 'one', purpose: 'notices', owed: [] });
  await clock.advance(limits.sessionIdleMs);
  await store.sessions.touch('ann', 'used', clock.now());
  expect(await store.events.state(key)).toBeDefined();
  await clock.advance(2 * limits.sessionSaveMs + 1);
  expect(await store.events.state(key)).toBeUndefined();
  expect([await store.sessions.get('ann', 's'), await store.sessions.get('ann', 'used')]).toEqual([
    undefined,
    expect.objectContaining({ hash: 'used' }),
  ]);
  await store.close();
  expect(clock.waiting).toBe(0);
});

test('what is no method of a store is not called', async () => {
  const [there, here] = channel();
  serveStore({ store: memoryStore(limits, systemPlatform), limits, clock: systemClock }).join('one', there);
  const answers: unknown[] = [];
  here.onMessage((answer) => void answers.push(answer));
  const calls = [
    ['sessions', 'constructor'],
    ['constructor', 'get'],
    ['cluster', 'tell'],
    ['events', 'watch'],
    ['close', 'call'],
  ];
  for (const [id, [part, method]] of calls.entries()) {
    here.send({ is: 'call', id, part, method, args: [] });
  }
  await expect.poll(() => answers.length).toBe(calls.length);
  expect(answers).toEqual(calls.map((_, id) => expect.objectContaining({ is: 'failed', id })));
});

test('a process that does not answer is not waited for, and not by any number', async () => {
  const clock = manualClock();
  const port: IpcPort = { send: () => undefined, onMessage: () => undefined };
  const few = resolveLimits({ storeCallsMax: 2 });
  const { sessions } = ipcStore({ port, name: 'one', limits: few, clock });
  const calls = [1, 2, 3].map(async () => sessions.get('ann', 's'));
  const outcomes = Promise.allSettled(calls);
  await clock.advance(few.storeCommandMs);
  const reasons = (await outcomes).map((outcome) =>
    outcome.status === 'rejected' ? (outcome.reason as Error).message : 'answered',
  );
  expect(reasons).toEqual([
    expect.stringContaining('does not answer'),
    expect.stringContaining('does not answer'),
    expect.stringContaining('More than 2'),
  ]);
  expect(clock.waiting).toBe(0);
});
