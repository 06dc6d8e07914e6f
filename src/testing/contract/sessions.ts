import type { SessionRoom, SessionStore, StoredSession } from '../../stores/session-store.js';
import { atOnce, type Cases, cases, type ContractCase, same } from './cases.js';

export interface SessionContractOptions {
  /** It keeps to the room that it is given, as one that several nodes share must. Default: no. */
  readonly countsRoom?: boolean;
}

/** What a SessionStore must do. `open` makes an empty one for each case. */
export function sessionStoreContract(
  open: () => SessionStore | Promise<SessionStore>,
  { countsRoom = false }: SessionContractOptions = {},
): readonly ContractCase[] {
  return cases({ ...keeping, ...(countsRoom ? counting : {}) }, open);
}

export const session: StoredSession = {
  hash: 's',
  principal: 'ann',
  countedAs: 'ann',
  createdAt: 1_000_000,
  lastSeenAt: 1_000_002,
  version: 1,
  record: { protocolVersion: '2025-11-25', nested: { list: [1, 'ü \u2028 🎉', null, 1.5] } },
};

export const room: SessionRoom = { max: 10, perCallerMax: 10, seenSince: 0 };

const keeping: Cases<SessionStore> = {
  async 'a session is found by whom it belongs to'(store) {
    same(await store.add(session, room), 'added', 'added');
    same(await store.get('ann', 's'), session, 'own');
    same(await store.get('bob', 's'), undefined, "somebody else's");
    same(await store.get('ann', 't'), undefined, 'unknown');
  },
  async 'principals whose names look alike are others'(store) {
    await store.add(session, room);
    for (const name of ['ann\0', 'Ann', 'ann ', '"ann"', '', 'an', '%', '*']) {
      same(await store.get(name, 's'), undefined, JSON.stringify(name));
      const { countedAs: _, ...nobody } = { ...session, principal: name, hash: `s of ${name}` };
      same(await store.add(nobody, room), 'added', 'added');
      same(await store.get(name, nobody.hash), nobody, JSON.stringify(name));
    }
    same(await store.get('ann', 's'), session, 'the first');
  },
  async 'a session is replaced by its next version only'(store) {
    await store.add(session, room);
    const second = { ...session, version: 2, lastSeenAt: 1_000_003, record: {} };
    same(await store.replace(second), true, 'the next');
    same(await store.replace({ ...second, record: 'lost' }), false, 'the same again');
    same(await store.replace({ ...second, version: 4 }), false, 'one too far');
    same(await store.replace({ ...second, version: 3, principal: 'bob' }), false, "another's");
    same(await store.get('ann', 's'), second, 'kept');
    same(await store.replace({ ...session, hash: 't', version: 2 }), false, 'unknown');
    same(await store.get('ann', 't'), undefined, 'still unknown');
  },
  async 'of several that replace a session at the same time, one does'(store) {
    await store.add(session, room);
    const records = ['a', 'b', 'c'];
    const next = records.map((record) => ({ ...session, version: 2, record }));
    const outcomes = await atOnce(next, (one) => store.replace(one));
    same(outcomes.filter(Boolean).length, 1, 'how many');
    same((await store.get('ann', 's'))?.record, records[outcomes.indexOf(true)], 'kept');
  },
  async 'a session that was in use says when'(store) {
    await store.add(session, room);
    await store.touch('ann', 's', 1_000_009);
    await store.touch('ann', 's', 1_000_005);
    await store.touch('bob', 's', 1_000_010);
    same(await store.get('ann', 's'), { ...session, lastSeenAt: 1_000_009 }, 'touched');
    await store.touch('ann', 't', 1_000_009);
    same(await store.get('ann', 't'), undefined, 'unknown');
    same(await store.replace({ ...session, version: 2 }), true, 'it is the same version');
  },
  async 'a session is deleted by whom it belongs to, and nobody else'(store) {
    await store.add(session, room);
    await store.delete('bob', 's');
    same(await store.get('ann', 's'), session, 'kept');
    await store.delete('ann', 's');
    same(await store.get('ann', 's'), undefined, 'deleted');
    await store.delete('ann', 's');
    same(await store.replace({ ...session, version: 2 }), false, 'replaced after that');
  },
};

/** One of another caller, who cannot be told apart where there is no name. */
function one(hash: string, countedAs?: string): StoredSession {
  const { countedAs: _, ...rest } = session;
  return { ...rest, hash, ...(countedAs === undefined ? {} : { countedAs }) };
}

const counting: Cases<SessionStore> = {
  async 'there are so many sessions, and those that are deleted make room'(store) {
    const two = { ...room, max: 2 };
    same(await store.add(one('1'), two), 'added', 'the first');
    same(await store.add(one('2'), two), 'added', 'at the bound');
    same(await store.add(one('3'), two), 'full', 'past it');
    same(await store.get('ann', '3'), undefined, 'what there was no room for');
    await store.delete('ann', '1');
    same(await store.add(one('3'), two), 'added', 'in the room of another');
    same(await store.add(one('4'), two), 'full', 'past the bound again');
  },
  async 'one caller has so many of them, whatever the principal'(store) {
    const two = { ...room, perCallerMax: 2 };
    same(await store.add(one('1', 'ann'), two), 'added', 'the first');
    same(await store.add({ ...one('2', 'ann'), principal: 'x' }, two), 'added', 'at the bound');
    same(await store.add(one('3', 'ann'), two), 'callerIsFull', 'past it');
    same(await store.get('ann', '3'), undefined, 'what there was no room for');
    same(await store.add(one('4', 'bob'), two), 'added', 'another caller');
    for (const hash of ['5', '6', '7']) same(await store.add(one(hash), two), 'added', 'nobody');
    await store.delete('x', '2');
    same(await store.add(one('3', 'ann'), two), 'added', 'in the room of another');
  },
  async 'a session that was not seen for long takes no room'(store) {
    const single = { max: 1, perCallerMax: 1, seenSince: 0 };
    const at = (hash: string, lastSeenAt: number) => ({ ...one(hash, 'ann'), lastSeenAt });
    same(await store.add(at('1', 1000), single), 'added', 'the first');
    same(await store.add(at('2', 1500), { ...single, seenSince: 1000 }), 'full', 'just seen');
    await store.touch('ann', '1', 1200);
    same(await store.add(at('2', 1500), { ...single, seenSince: 1200 }), 'full', 'seen again');
    same(await store.add(at('2', 1500), { ...single, seenSince: 1201 }), 'added', 'not seen');
    const many = { ...single, max: 10 };
    same(await store.add(at('3', 1500), { ...many, seenSince: 1500 }), 'callerIsFull', 'seen');
    same(await store.add(at('3', 1600), { ...many, seenSince: 1501 }), 'added', 'not seen');
  },
  async 'as many as there is room for are added, all at once or not'(store) {
    const hashes = Array.from({ length: 20 }, (_, at) => `${at}`);
    const few = { ...room, max: 5 };
    const outcomes = await atOnce(hashes, (hash) => store.add(one(hash), few));
    same(outcomes.filter((outcome) => outcome === 'added').length, 5, 'added');
  },
};
