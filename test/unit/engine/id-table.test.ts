import { expect, test } from 'vitest';
import { IdTable } from '../../../src/engine/id-table.js';
import type { RequestId } from '../../../src/json-rpc/message.js';
import { fc } from '../properties.js';

interface Value {
  readonly id: RequestId;
}

// Few enough that they meet, and of every kind that a peer may choose.
const ids = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(256, 512, 1024, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, -0),
  fc.constantFrom('1', '2', 'a'),
);

test('it holds what a Map would hold', () => {
  const steps = fc.array(fc.record({ id: ids, adds: fc.boolean() }), { maxLength: 400 });
  fc.assert(
    fc.property(steps, (list) => {
      const table = new IdTable<Value>();
      const map = new Map<RequestId, Value>();
      for (const { id, adds } of list) {
        const value = { id };
        if (!adds) {
          table.delete(id);
          map.delete(id);
        } else if (!map.has(id)) {
          table.add(value);
          map.set(id, value);
        }
        expect(table.get(id)).toBe(map.get(id));
        expect(table.size).toBe(map.size);
      }
      expect(new Set(table.values())).toEqual(new Set(map.values()));
    }),
  );
});

test('more than it has places for, with ids that all want the same one', () => {
  const table = new IdTable<Value>();
  const all = Array.from({ length: 1000 }, (_, at) => ({ id: at * 256 }));
  for (const value of all) table.add(value);
  expect(table.size).toBe(1000);
  for (const value of all) expect(table.get(value.id)).toBe(value);
  for (const { id } of all) table.delete(id);
  expect([table.size, table.values()]).toEqual([0, []]);
});

test('a window of ids that moves on takes no more places than it is wide', () => {
  const table = new IdTable<Value>();
  for (let id = 1; id <= 5000; id++) {
    table.add({ id });
    if (id > 64) table.delete(id - 64);
  }
  const left = table.values().map(({ id }) => Number(id));
  expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, at) => 4937 + at));
});
