/** What a server does with its store, in an order that reaches every statement. */
import type { StreamKey } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';
import type { StoredSession } from '../../../src/stores/session-store.js';
import type { StoredTask } from '../../../src/stores/task-store.js';

export interface Step {
  /** The method, as points are named by it. */
  readonly name: string;
  readonly run: (store: ServerStore) => unknown;
}

/** Small enough that the script goes past them. */
export const limits = {
  eventsPerStreamMax: 3,
  eventBytesPerSessionMax: 400,
  eventBytesMax: 1000,
  eventTtlMs: 100,
};

/** What the clock of step `at` shows: some streams and tasks are over on the way. */
export function timeOf(at: number): number {
  return 1_000_000 + at * 10;
}

const node = 'node 1';
const text = (length: number): string => JSON.stringify({ text: 'x'.repeat(length) });

function stream(name: string, session = 's1', principal = 'ann'): StreamKey {
  return { principal, session, stream: name };
}

function session(hash: string, lastSeenAt: number): StoredSession {
  const about = { hash, principal: 'ann', countedAs: 'ann', createdAt: 1_000_000, lastSeenAt };
  return { ...about, version: 1, record: { revision: '2025-11-25', hash } };
}

function task(id: string, changes: Partial<StoredTask> = {}): StoredTask {
  return {
    ...{ id, owner: 'ann', node, createdAt: 1_000_000, updatedAt: 1_000_000, ttlMs: 200 },
    ...{ pollIntervalMs: 100, status: 'working', restartable: false, keys: [], caller: {} },
    ...{ request: { method: 'tools/call' } },
    ...changes,
  };
}

const room = { max: 3, perCallerMax: 9, seenSince: 0 };

function begin(key: StreamKey, owed: readonly (string | number)[] = []): Step {
  const purpose = { owner: node, purpose: 'answers', owed } as const;
  return { name: 'events.begin', run: ({ events }) => events.begin(key, purpose) };
}

function append(key: StreamKey, seq: number, length = 20, settled?: string | number): Step {
  const event = { seq, data: text(length) };
  return { name: 'events.append', run: ({ events }) => events.append(key, node, event, settled) };
}

function finish(key: StreamKey, lastSeq: number): Step {
  return { name: 'events.finish', run: ({ events }) => events.finish(key, node, lastSeq) };
}

function add(hash: string, lastSeenAt: number, seenSince = 0): Step {
  const run = ({ sessions }: ServerStore) =>
    sessions.add(session(hash, lastSeenAt), { ...room, seenSince });
  return { name: 'sessions.add', run };
}

function ring(id: string, createdAt: number, renewBefore: number, forgetBefore: number): Step {
  const fresh = { id, secret: new Uint8Array(32).fill(createdAt), createdAt };
  const run = ({ keys }: ServerStore) => keys.ring(fresh, { renewBefore, forgetBefore });
  return { name: 'keys.ring', run };
}

export const script: readonly Step[] = [
  ring('k1', 1, 0, 0),
  add('s1', 1000),
  add('s2', 1001),
  {
    name: 'sessions.replace',
    run: ({ sessions }) => sessions.replace({ ...session('s1', 1002), version: 2, record: 'new' }),
  },
  { name: 'sessions.touch', run: ({ sessions }) => sessions.touch('ann', 's1', 1500) },
  begin(stream('a'), [1, 'two']),
  append(stream('a'), 1),
  append(stream('a'), 2, 20, 1),
  append(stream('a'), 3),
  // Past what one stream may have: the first goes.
  append(stream('a'), 4, 20, 'two'),
  // A gap.
  append(stream('a'), 7),
  begin(stream('b', 's2')),
  append(stream('b', 's2'), 1, 100),
  finish(stream('b', 's2'), 1),
  begin(stream('c', 's2')),
  append(stream('c', 's2'), 1, 200),
  // Past what one session may have: the finished one goes, then what is oldest.
  append(stream('c', 's2'), 2, 180),
  append(stream('c', 's2'), 3, 180),
  {
    name: 'events.claim',
    run: ({ events }) => events.claim(stream('a'), node, 'node 2'),
  },
  begin(stream('d'), [9]),
  append(stream('d'), 1),
  // Begun again in its place.
  begin(stream('d'), [10]),
  append(stream('d'), 1),
  // It ends with one that was not taken.
  finish(stream('d'), 2),
  { name: 'tasks.add', run: ({ tasks }) => tasks.add(task('t1'), { max: 9 }) },
  { name: 'tasks.add', run: ({ tasks }) => tasks.add(task('t2', { ttlMs: 900 }), { max: 9 }) },
  {
    name: 'tasks.put',
    run: ({ tasks }) => tasks.put(task('t1', { status: 'completed', result: { x: 1 } })),
  },
  { name: 'tasks.claim', run: ({ tasks }) => tasks.claim('ann', 't2', node, 'node 2') },
  { name: 'tasks.expire', run: ({ tasks }) => tasks.expire(1_000_300) },
  ring('k2', 2, 2, 0),
  ring('k3', 3, 3, 2),
  begin(stream('e', 's2')),
  begin(stream('f', 's2')),
  { name: 'events.forget', run: ({ events }) => events.forget(stream('e', 's2')) },
  append(stream('f', 's2'), 1),
  { name: 'events.forgetSession', run: ({ events }) => events.forgetSession('ann', 's2') },
  begin(stream('g')),
  // Long after others have finished: they are over.
  append(stream('g'), 1),
  add('s3', 2000),
  // Those that were not seen for long go, with all that they have.
  add('s4', 2000, 1400),
  { name: 'sessions.delete', run: ({ sessions }) => sessions.delete('ann', 's1') },
];
