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
  const owner = serveStore({
    store: memoryStore(limits, systemPlatform),
    limits,
    clock: systemClock,
  });
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
  serveStore({ store: memoryStore(limits, systemPlatform), limits, clock: systemClock }).join(
    'one',
    there,
  );
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

/** Two nodes, of which the second one can be made to hang: what it is sent waits. */
function openHanging() {
  const clock = manualClock();
  const owner = serveStore({
    store: memoryStore(limits, { ...systemPlatform, clock }),
    limits,
    clock,
  });
  const [first, own] = channel();
  const [second, ownSecond] = channel();
  const waiting: unknown[] = [];
  let isHanging = false;
  let heardBy = (_message: unknown): void => undefined;
  const port: IpcPort = {
    send: own.send,
    onMessage(heard) {
      heardBy = heard;
      own.onMessage((message) => void (isHanging ? waiting.push(message) : heard(message)));
    },
  };
  owner.join('one', second);
  const leave = owner.join('two', first);
  return {
    clock,
    leave,
    waiting,
    one: ipcStore({ port: ownSecond, name: 'one', limits, clock: systemClock }),
    two: ipcStore({ port, name: 'two', limits, clock: systemClock }),
    hang: () => (isHanging = true),
    wake() {
      isHanging = false;
      for (const message of waiting.splice(0)) heardBy(message);
    },
  };
}

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
    expect.stringContaining('more than 2 things'),
  ]);
  expect(clock.waiting).toBe(0);
});

test('a process that hangs counts as dead, and what it wrote can be claimed', async () => {
  const { clock, one, two, hang, wake, waiting } = openHanging();
  const key = { principal: 'ann', session: 's', stream: 'a' };
  await two.events.begin(key, { owner: 'two', purpose: 'answers', owed: [1] });
  let toldTwo = 0;
  two.cluster.hear('news', () => ++toldTwo > 0);
  let missed = 0;
  two.cluster.onMissed?.(() => missed++);
  // Time in which it answers changes nothing.
  for (let ms = 0; ms <= 3 * limits.clusterLeaseMs; ms += limits.clusterRenewMs) {
    await clock.advance(limits.clusterRenewMs);
    await one.events.state(key);
    await two.events.state(key);
  }
  expect(await one.cluster.isAlive('two')).toBe(true);
  hang();
  for (let ms = 0; ms < limits.clusterLeaseMs + limits.clusterRenewMs; ms += 1000) {
    await clock.advance(1000);
    // It is heard, as its questions are answered.
    await one.events.state(key);
  }
  expect(await one.cluster.isAlive('two')).toBe(false);
  expect(await one.cluster.isAlive('one')).toBe(true);
  expect(await one.cluster.ask('two', 'news', {})).toBe(false);
  const sent = waiting.length;
  for (let count = 0; count < 10; count++) one.cluster.tell('news', {});
  expect(await one.events.claim(key, 'two', 'one')).toMatchObject({ owner: 'one' });
  expect(waiting).toHaveLength(sent);
  wake();
  expect(await two.events.append(key, 'two', { seq: 1, data: 'late' })).toBe(false);
  await expect.poll(() => one.cluster.isAlive('two')).toBe(true);
  expect(toldTwo).toBe(0);
  await expect.poll(() => missed).toBe(1);
  expect(await one.cluster.ask('two', 'news', {})).toBe(true);
});

test('who asks a process that hangs is told in time', async () => {
  const { clock, one, two, hang } = openHanging();
  two.cluster.hear('news', () => true);
  expect(await one.cluster.ask('two', 'news', {})).toBe(true);
  hang();
  const asked = one.cluster.ask('two', 'news', {}).catch(String);
  await clock.armed((ms) => ms === limits.clusterAskMs);
  await clock.advance(limits.clusterAskMs);
  expect(await asked).toContain('does not answer');
});

test('nothing is asked any more when all processes have left', async () => {
  const clock = manualClock();
  const owner = serveStore({ store: memoryStore(limits, systemPlatform), limits, clock });
  const leaves = ['one', 'two'].map((name) => owner.join(name, channel()[0]));
  expect(clock.waiting).toBe(1);
  for (const leave of leaves) leave();
  expect(clock.waiting).toBe(0);
});

test.each([
  ['nothing', null],
  ['a text', 'call'],
  ['a list', [{ is: 'call', id: 99 }]],
  ['no kind', { id: 99 }],
  ['an unknown kind', { is: 'end', id: 99 }],
  ['a call without an id', { is: 'call', part: 'sessions', method: 'get', args: ['a', 'b'] }],
  ['a call without arguments', { is: 'call', id: 99, part: 'sessions', method: 'get' }],
  ['a call of nothing', { is: 'call', id: 99, part: null, method: null, args: null }],
  ['an event of nothing', { is: 'call', id: 99, part: 'events', method: 'append', args: [] }],
  ['a watch of nothing', { is: 'watch', id: 99, key: null }],
  ['an answer to nothing', { is: 'taken', id: 99 }],
  ['a question to nobody', { is: 'ask', id: 99 }],
  ['news without a topic', { is: 'tell' }],
])('a process that says %s does the others no harm', async (_what, message) => {
  const unhandled: unknown[] = [];
  const heard = (cause: unknown): void => void unhandled.push(cause);
  process.on('unhandledRejection', heard);
  try {
    const owner = serveStore({
      store: memoryStore(limits, systemPlatform),
      limits,
      clock: systemClock,
    });
    const [there, here] = channel();
    const [otherThere, otherHere] = channel();
    owner.join('one', there);
    owner.join('two', otherThere);
    here.send(message);
    const { sessions } = ipcStore({ port: otherHere, name: 'two', limits, clock: systemClock });
    const { cluster } = ipcStore({ port: here, name: 'one', limits, clock: systemClock });
    expect(await cluster.isAlive('two')).toBe(true);
    expect(await sessions.get('ann', 's')).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', heard);
  }
});
