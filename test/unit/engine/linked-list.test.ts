import { expect, test } from 'vitest';
import { type Linked, LinkedList } from '../../../src/engine/linked-list.js';
import { fc } from '../properties.js';

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

test('it holds what a Set would hold, in its order', () => {
  const steps = fc.array(fc.record({ at: fc.nat(7), adds: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (all) => {
      const items = Array.from({ length: 8 }, () => new Item());
      const list = new LinkedList<Item>();
      const set = new Set<Item>();
      let agreed = true;
      for (const { at, adds } of all) {
        const item = items[at] as Item;
        if (!adds) {
          const wasThere = [list.delete(item), set.delete(item)];
          agreed &&= wasThere[0] === wasThere[1];
        } else if (!set.has(item)) {
          list.add(item);
          set.add(item);
        }
        const [have, want] = [[...list], [...set]];
        expect(have.length).toBe(want.length);
        expect(list.size).toBe(set.size);
        for (const [index, one] of want.entries()) expect(have[index]).toBe(one);
        expect(list.first).toBe(want[0]);
      }
      expect(agreed).toBe(true);
    }),
  );
});

test('each may be taken out while it is looked at, and keeps nothing alive then', () => {
  const items = [new Item(), new Item(), new Item()];
  const list = new LinkedList<Item>();
  for (const item of items) list.add(item);
  let seen = 0;
  for (const item of list) {
    seen++;
    list.delete(item);
    expect([item.previous, item.next]).toEqual([undefined, undefined]);
  }
  expect([seen, [...list]]).toEqual([3, []]);
});

test('one that is taken out before its turn is left out, and nothing behind it', () => {
  const items = [new Item(), new Item(), new Item(), new Item()] as const;
  const list = new LinkedList<Item>();
  for (const item of items) list.add(item);
  const seen: number[] = [];
  for (const item of list) {
    seen.push(items.indexOf(item));
    if (item === items[0]) list.delete(items[1]);
  }
  expect(seen).toEqual([0, 2, 3]);
});
