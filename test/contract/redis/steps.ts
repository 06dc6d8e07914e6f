/** What a node does to the store, one step each, and all that can be seen of it afterwards. */
import type { EventStore, StreamKey, StreamPurpose } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import type { SessionRoom, StoredSession } from '../../../src/stores/session-store.js';
import type { StoredTask } from '../../../src/stores/task-store.js';

export interface Step {
  /** Before it, by somebody else. */
  readonly before?: (store: ServerStore) => Promise<void>;
  readonly act: (store: ServerStore) => unknown;
}

const stream: StreamKey = { principal: 'ann', session: 's', stream: 'a' };
const other = { ...stream, stream: 'b' };
const purpose: StreamPurpose = { owner: 'me', purpose: 'answers', owed: [1, '1'] };
const session: StoredSession = {
  ...{ hash: 's', principal: 'ann', countedAs: 'ann' },
  ...{ createdAt: 1, lastSeenAt: 1, version: 1, record: { x: 1 } },
};
const task: StoredTask = {
  ...{ id: '1', owner: 'ann', node: 'me', createdAt: 1000, updatedAt: 1000, ttlMs: 500 },
  ...{ pollIntervalMs: 1, status: 'working', restartable: false, keys: [] },
  ...{ request: { method: 'tools/call' }, caller: {} },
};
export const room: SessionRoom = { max: 9, perCallerMax: 9, seenSince: 0 };
const renew = { renewBefore: 15, forgetBefore: 0 };
const keyOf = (id: string, createdAt: number) => {
  return { id, createdAt, secret: new Uint8Array(32).fill(createdAt) };
};

async function begun({ events }: { readonly events: EventStore }): Promise<void> {
  for (const one of [stream, other]) {
    await events.begin(one, purpose);
    for (const seq of [1, 2]) await events.append(one, 'me', { seq, data: `${seq}` });
  }
}
const added = async ({ sessions }: ServerStore): Promise<void> => {
  await sessions.add(session, room);
};
const taskAdded = async ({ tasks }: ServerStore): Promise<void> => {
  await tasks.add(task, { max: 9 });
};
const event = { seq: 3, data: 'x'.repeat(10_000) };

export const steps: Readonly<Record<string, Step>> = {
  'begin a stream': { act: ({ events }) => events.begin(stream, purpose) },
  'begin it again': { before: begun, act: ({ events }) => events.begin(stream, purpose) },
  'append an event': { before: begun, act: ({ events }) => events.append(stream, 'me', event) },
  'append an answer': { before: begun, act: ({ events }) => events.append(stream, 'me', event, 1) },
  'append after a gap': {
    before: begun,
    act: ({ events }) => events.append(stream, 'me', { ...event, seq: 9 }),
  },
  'claim a stream': { before: begun, act: ({ events }) => events.claim(stream, 'me', 'you') },
  'finish a stream': { before: begun, act: ({ events }) => events.finish(stream, 'me', 2) },
  'finish with a gap': { before: begun, act: ({ events }) => events.finish(stream, 'me', 5) },
  'forget a stream': { before: begun, act: ({ events }) => events.forget(stream) },
  'forget the streams of a session': {
    before: begun,
    act: ({ events }) => events.forgetSession('ann', 's'),
  },
  'add a session': { act: ({ sessions }) => sessions.add(session, room) },
  'replace a session': {
    before: added,
    act: ({ sessions }) => sessions.replace({ ...session, version: 2, record: 'new' }),
  },
  'touch a session': { before: added, act: ({ sessions }) => sessions.touch('ann', 's', 9) },
  'delete a session': { before: added, act: ({ sessions }) => sessions.delete('ann', 's') },
  'add a task': { act: ({ tasks }) => tasks.add(task, { max: 9 }) },
  'put a task': {
    before: taskAdded,
    act: ({ tasks }) => tasks.put({ ...task, status: 'completed', result: { x: 1 } }),
  },
  'claim a task': { before: taskAdded, act: ({ tasks }) => tasks.claim('ann', '1', 'me', 'you') },
  'expire tasks': { before: taskAdded, act: ({ tasks }) => tasks.expire(2000) },
  'make a key': { act: ({ keys }) => keys.ring(keyOf('new', 20), renew) },
  'renew a key': {
    before: async ({ keys }) => void (await keys.ring(keyOf('old', 10), renew)),
    act: ({ keys }) => keys.ring(keyOf('new', 20), renew),
  },
};

/** Everything that a node can see of it, as a text. */
export async function seen({ events, sessions, tasks, keys }: ServerStore): Promise<string> {
  const streams = [stream, other].map(async (one) => {
    const state = await events.state(one);
    const all = [0, 1, 2, 3, 8].map(async (seq) => events.after(one, seq));
    return [state, await Promise.all(all)];
  });
  // Looks, and adds nothing: whoever comes with an old one gets what there is.
  const ring = await keys.ring(keyOf('look', 1), { renewBefore: 0, forgetBefore: 2 });
  return JSON.stringify([
    await Promise.all(streams),
    (await sessions.get('ann', 's')) ?? 'no session',
    // Whether its place is taken.
    await sessions.add({ ...session, hash: 'look' }, { ...room, max: 0 }),
    await sessions.add({ ...session, hash: 'look' }, { ...room, perCallerMax: 1 }),
    (await tasks.get('ann', '1')) ?? 'no task',
    await tasks.list('ann', undefined, 9),
    ring.map(({ id }) => id),
  ]);
}
