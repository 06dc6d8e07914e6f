import { expect, test } from 'vitest';
import { FewMap } from '../../../src/engine/few-map.js';
import { fc } from '../properties.js';

const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), isSet: fc.boolean() });

test('it is a Map, whatever is put in and taken out', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const few = new FewMap<string, { readonly at: number }>();
      const map = new Map<string, { readonly at: number }>();
      for (const [at, { name, isSet }] of steps.entries()) {
        for (const one of [few, map]) {
          if (isSet) one.set(name, { at });
          else one.delete(name);
        }
        expect([...few]).toEqual([...map]);
        expect([...few.values()]).toEqual([...map.values()]);
        expect(few.size).toBe(map.size);
        for (const key of ['a', 'b', 'c']) expect(few.get(key)).toEqual(map.get(key));
      }
    }),
  );
});

test('entries that are deleted while it is read are those that were read', () => {
  const few = new FewMap<string, object>();
  for (const name of ['a', 'b', 'c']) few.set(name, {});
  const seen: string[] = [];
  for (const [name] of few) {
    seen.push(name);
    few.delete(name);
  }
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(few.size).toBe(0);
});
