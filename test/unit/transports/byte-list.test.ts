import { expect, test } from 'vitest';
import { createByteList } from '../../../src/transports/byte-list.js';
import { fc } from '../properties.js';

test('pieces of any size come out as they went in, and earlier takes stay intact', () => {
  const piece = fc.nat({ max: 9000 }).map((length) => new Uint8Array(length).fill(length % 251));
  const step = fc.oneof(
    { weight: 4, arbitrary: piece },
    { weight: 1, arbitrary: fc.constant('take') },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const list = createByteList();
      const taken: Uint8Array[] = [];
      const expected: number[][] = [[]];
      for (const s of steps) {
        if (typeof s === 'string') {
          taken.push(list.take());
          expected.push([]);
        } else {
          list.append(s);
          expected.at(-1)?.push(...s);
        }
        expect(list.length).toBe(expected.at(-1)?.length);
      }
      taken.push(list.take());
      expect(taken.map((bytes) => [...bytes])).toEqual(expected);
    }),
  );
});

test('what was cleared does not come back', () => {
  const list = createByteList();
  list.append(new Uint8Array([1, 2]));
  list.clear();
  list.append(new Uint8Array([3]));
  expect([...list.take()]).toEqual([3]);
});
