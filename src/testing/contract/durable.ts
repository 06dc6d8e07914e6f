import type { ServerStore } from '../../stores/server-store.js';
import { type Cases, cases, type ContractCase, same } from './cases.js';
import { keyOf, namesOf } from './keys.js';
import { room, session } from './sessions.js';
import { appendAll, bySelf, eventsOf, key } from './streams.js';
import { taskOf } from './tasks.js';

/** Opens the store of one case; each time but the first after it was closed. */
export type Reopen = () => Promise<ServerStore>;

/**
 * What a store must do that outlives the process. `place` makes an empty place for each case, and
 * returns how to open it.
 */
export function durableStoreContract(
  place: () => Reopen | Promise<Reopen>,
): readonly ContractCase[] {
  return cases(durableCases, place);
}

async function again(store: ServerStore, open: Reopen): Promise<ServerStore> {
  await store.close();
  return open();
}

const durableCases: Cases<Reopen> = {
  async 'events, and what is owed, are there again'(open) {
    let store = await open();
    const ended = { ...key, stream: 'b' };
    await store.events.begin(key, { owner: 'node 1', purpose: 'answers', owed: [1, '1'] });
    await appendAll(store.events, ['x', 'y']);
    await store.events.append(key, 'node 1', { seq: 3, data: 'z' }, 1);
    await store.events.begin(ended, { ...bySelf, purpose: 'notices' });
    await appendAll(store.events, ['x'], { to: ended });
    await store.events.finish(ended, 'node 1', 1);
    const states = [await store.events.state(key), await store.events.state(ended)];

    store = await again(store, open);
    same([await store.events.state(key), await store.events.state(ended)], states, 'states');
    same(await store.events.after(key, 0), eventsOf(['x', 'y', 'z']), 'events');
    same(await store.events.after(ended, 0), eventsOf(['x']), 'events of one that has ended');
    same(await store.events.append(ended, 'node 1', { seq: 2, data: 'x' }), false, 'after its end');
    const { self } = store.cluster;
    same((await store.events.claim(key, 'node 1', self))?.lastSeq, 3, 'claimed');
    same(await store.events.append(key, self, { seq: 4, data: 'more' }), true, 'goes on');
    await store.close();
  },
  async 'what was forgotten stays so'(open) {
    let store = await open();
    const keys = ['a', 'b', 'c'].map((stream) => ({ ...key, stream, session: stream }));
    for (const to of keys) {
      await store.events.begin(to, bySelf);
      await appendAll(store.events, ['x'], { to });
    }
    await store.events.forget(keys[0]!);
    await store.events.forgetSession('ann', 'b');
    await store.sessions.add(session, room);
    await store.sessions.delete('ann', 's');

    store = await again(store, open);
    for (const [at, to] of keys.entries()) {
      same((await store.events.state(to))?.lastSeq, at === 2 ? 1 : undefined, to.stream);
    }
    same(await store.sessions.get('ann', 's'), undefined, 'session');
    await store.close();
  },
  async 'sessions are there again, in their last version'(open) {
    let store = await open();
    const { countedAs: _, ...nobody } = { ...session, hash: 't' };
    await store.sessions.add(session, room);
    await store.sessions.add(nobody, room);
    const second = { ...session, version: 2, record: { changed: [true] } };
    await store.sessions.replace(second);
    await store.sessions.touch('ann', 's', 1_000_900);

    store = await again(store, open);
    same(await store.sessions.get('ann', 's'), { ...second, lastSeenAt: 1_000_900 }, 'changed');
    same(await store.sessions.get('ann', 't'), nobody, 'another');
    same(await store.sessions.replace({ ...second, version: 3 }), true, 'the next version');
    await store.close();
  },
  async 'tasks are there again, in their places'(open) {
    let store = await open();
    for (const id of ['2', '1', '3']) await store.tasks.add(taskOf(id), { max: 9 });
    const done = taskOf('1', 'ann', { status: 'completed', result: { x: 1 } });
    await store.tasks.put(done);

    store = await again(store, open);
    same(await store.tasks.get('ann', '1'), done, 'its end');
    await store.tasks.add(taskOf('0'), { max: 9 });
    const listed = await store.tasks.list('ann', undefined, 9);
    same(
      listed.map(({ id }) => id),
      ['2', '1', '3', '0'],
      'listed',
    );
    const claimed = await store.tasks.claim('ann', '2', 'node 1', store.cluster.self);
    same(claimed?.node, store.cluster.self, 'claimed');
    await store.close();
  },
  async 'what was sealed can be opened: the keys are there again'(open) {
    let store = await open();
    const keep = { renewBefore: 0, forgetBefore: 0 };
    await store.keys.ring(keyOf('a', 10), keep);

    store = await again(store, open);
    const ring = await store.keys.ring(keyOf('b', 20), keep);
    same(namesOf(ring), ['a'], 'keys');
    same([...(ring[0]?.secret ?? [])], [...keyOf('a', 10).secret], 'secret');
    await store.close();
  },
  async 'it is another node each time, and the one before is not at work'(open) {
    const first = await open();
    const before = first.cluster.self;
    const second = await again(first, open);
    same(second.cluster.self === before, false, 'the same name');
    same(await second.cluster.isAlive(before), false, 'at work');
    await second.close();
  },
};
