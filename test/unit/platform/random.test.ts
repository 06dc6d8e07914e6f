import { expect, test } from 'vitest';
import { systemCrypto, webCrypto } from '../../../src/platform/crypto.js';
import { digest } from '../../../src/platform/digest.js';
import { systemRandom } from '../../../src/platform/random.js';

test('no byte is given twice, however many are asked for at once', () => {
  const sizes = [32, 16, 1, 255, 256, 257, 1024, 5000];
  const given = Array.from({ length: 40 }, () => sizes.map((size) => systemRandom.bytes(size)));
  for (const round of given) expect(round.map(({ length }) => length)).toEqual(sizes);
  const long = given.flat().filter(({ length }) => length >= 16);
  expect(new Set(long.map(String)).size).toBe(long.length);
  // A place that was given and not filled anew would be nothing but zeros.
  expect(long.filter((bytes) => bytes.every((byte) => byte === 0))).toEqual([]);
});

test('what was given is nobody else’s: to change it changes nothing', () => {
  const first = systemRandom.bytes(32);
  const { byteLength } = first.buffer;
  first.fill(0);
  expect(byteLength).toBe(32);
  expect(systemRandom.bytes(32).some((byte) => byte !== 0)).toBe(true);
});

test('the hash is made at once on Node, and is that of the web', async () => {
  for (const text of ['', 'abc', 'é'.repeat(1000)]) {
    const here = digest(text, systemCrypto);
    expect(here).toBeTypeOf('string');
    expect(here).toBe(await digest(text, webCrypto));
    expect(here).toBe(await digest(text, { ...systemCrypto }));
  }
});
