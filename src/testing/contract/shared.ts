import type { ServerStore } from '../../stores/server-store.js';
import { atOnce, type Cases, cases, type ContractCase, same } from './cases.js';
import { keyOf, namesOf } from './keys.js';
import { room, session } from './sessions.js';
import { appendAll, bySelf, eventsOf, key, watching } from './streams.js';
import { taskOf } from './tasks.js';

/**
 * What a store must do that several nodes share. `open` makes two for each case, as two nodes open
 * the same empty place.
 */
export function sharedStoreContract(
  open: () => Promise<readonly [ServerStore, ServerStore]>,
): readonly ContractCase[] {
  return cases(sharedCases, open);
}

const sharedCases: Cases<readonly [ServerStore, ServerStore]> = {
  async 'an event that one node has kept is read by the other at once'([one, other]) {
    await one.events.begin(key, { ...bySelf, owed: [1] });
    await appendAll(one.events, ['x', 'y']);
    same(await other.events.after(key, 0), eventsOf(['x', 'y']), 'events');
    const state = { ...bySelf, owed: [1], lastSeq: 2, isFinished: false };
    same(await other.events.state(key), state, 'state');
  },
  async 'who watches a stream on one node is told of what another does'([one, other]) {
    await one.events.begin(key, bySelf);
    const there = watching();
    const stop = await other.events.watch(key, there.changed);
    await there.expect('an event', () => appendAll(one.events, ['x']));
    await there.expect('a claim', () => one.events.claim(key, 'node 1', 'node 2'));
    await there.expect('the end', () => one.events.finish(key, 'node 2', 1));
    await there.expect('that it is forgotten', () => one.events.forget(key));
    await there.expect('that it is begun again', () => one.events.begin(key, bySelf));
    const forget = () => one.events.forgetSession(key.principal, key.session);
    await there.expect('that its session is forgotten', forget);
    stop();
  },
  async 'a stream that another node has claimed takes nothing more of the first'([one, other]) {
    await one.events.begin(key, bySelf);
    const texts = Array.from({ length: 50 }, (_, at) => `${at}`);
    const appending = atOnce(eventsOf(texts), (event) => one.events.append(key, 'node 1', event));
    const claimed = await other.events.claim(key, 'node 1', 'node 2');
    const kept = (await appending).filter(Boolean).length;
    same(claimed?.lastSeq, kept, 'how far it had come');
    same((await other.events.after(key, 0))?.length, kept, 'events');
    same(await one.events.append(key, 'node 1', { seq: kept + 1, data: 'x' }), false, 'late');
  },
  async 'nodes that claim the same stream at the same time: one gets it'(nodes) {
    await nodes[0].events.begin(key, bySelf);
    const claims = await atOnce(nodes, ({ events }, at) =>
      events.claim(key, 'node 1', `node ${at + 2}`),
    );
    const got = claims.filter((state) => state !== undefined);
    same(got.length, 1, 'how many');
  },
  async 'a session is found, changed and deleted by every node'([one, other]) {
    same([one.sessions.isShared, other.sessions.isShared], [true, true], 'shared');
    await one.sessions.add(session, room);
    same(await other.sessions.get('ann', 's'), session, 'found');
    const second = { ...session, version: 2, record: 'changed' };
    same(await other.sessions.replace(second), true, 'changed');
    same(await one.sessions.replace({ ...second, record: 'lost' }), false, 'changed before');
    same(await one.sessions.get('ann', 's'), second, 'as the other left it');
    await one.sessions.delete('ann', 's');
    same(await other.sessions.get('ann', 's'), undefined, 'deleted');
  },
  async 'there is room for so many sessions on all nodes together'([one, other]) {
    const two = { ...room, max: 2, perCallerMax: 1 };
    const { countedAs: _, ...nobody } = { ...session, hash: 't' };
    same(await one.sessions.add(session, two), 'added', 'the first');
    same(await other.sessions.add({ ...session, hash: 'u' }, two), 'callerIsFull', 'the same one');
    same(await other.sessions.add(nobody, two), 'added', 'at the bound');
    same(await one.sessions.add({ ...nobody, hash: 'u' }, two), 'full', 'past it');
  },
  async 'a task is found, claimed and forgotten by every node'([one, other]) {
    const few = { max: 1 };
    same(await one.tasks.add(taskOf('1'), few), true, 'added');
    same(await other.tasks.add(taskOf('2'), few), false, 'no room');
    same(await other.tasks.get('ann', '1'), taskOf('1'), 'found');
    const claimed = taskOf('1', 'ann', { node: 'node 2' });
    same(await other.tasks.claim('ann', '1', 'node 1', 'node 2'), claimed, 'claimed');
    same(await one.tasks.put(taskOf('1')), false, 'by the node before');
    const expired = await atOnce([one, other], ({ tasks }) => tasks.expire(1500));
    same(
      expired.flatMap(({ gone }) => gone),
      ['1'],
      'told once',
    );
  },
  async 'nodes that need a key at the same time get the same one'(nodes) {
    const keep = { renewBefore: 0, forgetBefore: 0 };
    const [one, other] = await atOnce(nodes, ({ keys }, at) => keys.ring(keyOf(`${at}`, 10), keep));
    same(one?.length, 1, 'how many');
    same(namesOf(other ?? []), namesOf(one ?? []), 'keys');
  },
  async 'what a caller does counts on all nodes together'([one, other]) {
    const rate = { name: 'request', burst: 4, inMs: 60_000 };
    for (const { rates } of [one, other, one, other]) {
      same(await rates.take(rate, 'ann', 1), 0, 'within the burst');
    }
    for (const { rates } of [one, other]) {
      same((await rates.take(rate, 'ann', 1)) > 0, true, 'past it');
      same(await rates.take(rate, 'bob', 1), 0, 'another caller');
    }
  },
};
