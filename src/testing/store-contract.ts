import type { EventStore, StreamKey, StreamPurpose } from '../stores/event-store.js';
import type { SessionStore, StoredSession } from '../stores/session-store.js';

/** One thing that every implementation of a store has to do. */
export interface ContractCase {
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
}

/** What an EventStore must do. `open` makes an empty one for each case. */
export function eventStoreContract(
  open: () => EventStore | Promise<EventStore>,
): readonly ContractCase[] {
  return cases(eventCases, open);
}

/** What a SessionStore must do. `open` makes an empty one for each case. */
export function sessionStoreContract(
  open: () => SessionStore | Promise<SessionStore>,
): readonly ContractCase[] {
  return cases(sessionCases, open);
}

type Cases<Store> = { readonly [name: string]: (store: Store) => Promise<void> };

const key: StreamKey = { principal: 'ann', session: 's', stream: 'a' };

const eventCases: Cases<EventStore> = {
  async 'events are numbered from 1, in each stream by itself'(store) {
    const other = { ...key, stream: 'b' };
    same(await store.append(key, 'x'), 1, 'first');
    same(await store.append(key, 'y'), 2, 'second');
    same(await store.append(other, 'z'), 1, 'first of another stream');
    same(await store.append(key, 'z'), 3, 'third');
  },
  async 'a stream tells who writes it, what it owes, and how far it has come'(store) {
    const purpose: StreamPurpose = { owner: 'node 1', purpose: 'answers', owed: [1, 'two', '1'] };
    await store.begin(key, purpose);
    const begun = { ...purpose, lastSeq: 0, isFinished: false };
    same(await store.state(key), begun, 'begun');
    same(await store.after(key, 0), [], 'no event yet');
    await store.append(key, 'x');
    await store.append(key, 'answer', '1');
    same(await store.state(key), { ...begun, owed: [1, 'two'], lastSeq: 2 }, 'one is settled');
    await store.append(key, 'answer', 1);
    await store.append(key, 'answer', 'two');
    await store.finish(key);
    same(await store.state(key), { ...begun, owed: [], lastSeq: 4, isFinished: true }, 'finished');
    same(await store.state({ ...key, stream: 'b' }), undefined, 'unknown');
    same(await store.state({ ...key, principal: 'bob' }), undefined, "somebody else's");
  },
  async 'a stream is claimed from who writes it, once'(store) {
    await store.begin(key, { owner: 'node 1', purpose: 'notices', owed: [] });
    await store.append(key, 'x');
    same(await store.claim(key, 'node 2', 'node 3'), false, 'from another');
    same(await store.claim(key, 'node 1', 'node 2'), true, 'from its writer');
    same(await store.claim(key, 'node 1', 'node 3'), false, 'again');
    same(
      await store.state(key),
      { owner: 'node 2', purpose: 'notices', owed: [], lastSeq: 1, isFinished: false },
      'claimed',
    );
    same(await store.claim({ ...key, stream: 'b' }, '', 'node 1'), false, 'unknown');
  },
  async 'what came after an event is replayed exactly, and in order'(store) {
    const texts = ['{"a":1}', '', 'ünï 🎉 \u2028', '{"text":"a\\nb"}'];
    for (const text of texts) await store.append(key, text);
    const all = texts.map((data, at) => ({ seq: at + 1, data }));
    for (let seq = 0; seq <= texts.length; seq++) {
      same(await store.after(key, seq), all.slice(seq), `after ${seq}`);
    }
  },
  async 'a place that was never reached is not known'(store) {
    await store.append(key, 'x');
    same(await store.after(key, 2), undefined, 'after 2 of 1');
    same(await store.after({ ...key, stream: 'b' }, 1), undefined, 'after 1 of nothing');
  },
  async 'a stream without events has nothing after its beginning'(store) {
    same(await store.after(key, 0), [], 'after 0 of nothing');
  },
  async 'a stream that is finished can still be read'(store) {
    await store.append(key, 'x');
    await store.finish(key);
    same(await store.after(key, 0), [{ seq: 1, data: 'x' }], 'after 0');
    same(await store.after(key, 1), [], 'after 1');
  },
  async 'names of principals and sessions keep apart what they name'(store) {
    const keys: readonly StreamKey[] = [
      key,
      { ...key, principal: 'bob' },
      { ...key, session: 't' },
      // Names that look alike once they are put together.
      { principal: 'a b', session: 's', stream: 'a' },
      { principal: 'b', session: 's a', stream: 'a' },
    ];
    for (const [at, one] of keys.entries()) await store.append(one, `${at}`);
    for (const [at, one] of keys.entries()) {
      same(await store.after(one, 0), [{ seq: 1, data: `${at}` }], JSON.stringify(one));
    }
  },
  async 'a stream that is forgotten is gone, and no other'(store) {
    const other = { ...key, stream: 'b' };
    for (const one of [key, other]) await store.append(one, 'x');
    await store.forget(key);
    same(await store.after(key, 1), undefined, 'forgotten');
    same(await store.after(other, 0), [{ seq: 1, data: 'x' }], 'the other');
    await store.forget({ ...key, stream: 'nothing' });
  },
  async 'a session that is forgotten is gone whole, and no other'(store) {
    const keys = [key, { ...key, stream: 'b' }];
    const others = [
      { ...key, session: 't' },
      { ...key, principal: 'bob' },
    ];
    for (const one of [...keys, ...others]) await store.append(one, 'x');
    await store.forgetSession(key.principal, key.session);
    for (const one of keys) same(await store.after(one, 1), undefined, one.stream);
    for (const one of others) same(await store.after(one, 0), [{ seq: 1, data: 'x' }], 'others');
    await store.forgetSession('nobody', 'nothing');
  },
};

const session: StoredSession = {
  hash: 's',
  principal: 'ann',
  createdAt: 1,
  lastSeenAt: 2,
  record: { protocolVersion: '2025-11-25', nested: { list: [1, 'ü', null] } },
};

const sessionCases: Cases<SessionStore> = {
  async 'a session is found by whom it belongs to'(store) {
    await store.put(session);
    same(await store.get('ann', 's'), session, 'own');
    same(await store.get('bob', 's'), undefined, "somebody else's");
    same(await store.get('ann', 't'), undefined, 'unknown');
  },
  async 'a session that is put again is replaced'(store) {
    const later = { ...session, lastSeenAt: 3, record: {} };
    await store.put(session);
    await store.put(later);
    same(await store.get('ann', 's'), later, 'replaced');
  },
  async 'a session is deleted by whom it belongs to, and nobody else'(store) {
    await store.put(session);
    await store.delete('bob', 's');
    same(await store.get('ann', 's'), session, 'kept');
    await store.delete('ann', 's');
    same(await store.get('ann', 's'), undefined, 'deleted');
    await store.delete('ann', 's');
  },
};

function cases<Store>(
  all: Cases<Store>,
  open: () => Store | Promise<Store>,
): readonly ContractCase[] {
  return Object.entries(all).map(([name, run]) => ({
    name,
    run: async () => run(await open()),
  }));
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
}
