import type { KeyStore, SealingKey } from '../../stores/key-store.js';
import { atOnce, type Cases, cases, type ContractCase, same } from './cases.js';

/** What a KeyStore must do. `open` makes an empty one for each case. */
export function keyStoreContract(
  open: () => KeyStore | Promise<KeyStore>,
): readonly ContractCase[] {
  return cases(keyCases, open);
}

export function keyOf(id: string, createdAt: number): SealingKey {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => (createdAt * 7 + at * 31) % 256);
  return { id, secret, createdAt };
}

export function namesOf(keys: readonly SealingKey[]): readonly string[] {
  return keys.map(({ id }) => id);
}

const keyCases: Cases<KeyStore> = {
  async 'a key is added when there is none, or the newest is old'(store) {
    const keep = { renewBefore: 0, forgetBefore: 0 };
    same(namesOf(await store.ring(keyOf('a', 10), keep)), ['a'], 'the first');
    same(namesOf(await store.ring(keyOf('b', 20), keep)), ['a'], 'not yet');
    const justNew = { renewBefore: 10, forgetBefore: 0 };
    same(namesOf(await store.ring(keyOf('b', 20), justNew)), ['a'], 'made just then');
    const renew = { renewBefore: 30, forgetBefore: 0 };
    same(namesOf(await store.ring(keyOf('c', 30), renew)), ['c', 'a'], 'renewed');
    const forget = { renewBefore: 0, forgetBefore: 20 };
    same(namesOf(await store.ring(keyOf('d', 40), forget)), ['c'], 'forgotten');
  },
  async 'a key comes back as it was'(store) {
    const wanted = keyOf('Az09-_', 1_795_000_000_000);
    const keep = { renewBefore: 0, forgetBefore: 0 };
    for (const [kept] of [await store.ring(wanted, keep), await store.ring(keyOf('b', 1), keep)]) {
      same(kept?.id, wanted.id, 'id');
      same(kept?.createdAt, wanted.createdAt, 'when');
      same(kept?.secret instanceof Uint8Array, true, 'bytes');
      same([...(kept?.secret ?? [])], [...wanted.secret], 'secret');
    }
  },
  async 'who asks at the same time gets the same keys'(store) {
    const names = ['a', 'b', 'c', 'd'];
    const rings = await atOnce(names, (id) =>
      store.ring(keyOf(id, 10), { renewBefore: 0, forgetBefore: 0 }),
    );
    for (const ring of rings) same(namesOf(ring), namesOf(rings[0] ?? []), 'keys');
    same(rings[0]?.length, 1, 'how many');
  },
};
