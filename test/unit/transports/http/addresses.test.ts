/** The reader of addresses, compared with the one of Node, which web runtimes do not have. */
import { BlockList, isIP } from 'node:net';
import { expect, test } from 'vitest';
import {
  isThisMachine,
  isWithin,
  readAddress,
  readNetwork,
} from '../../../../src/transports/http/addresses.js';
import { fc } from '../../properties.js';

const part = fc.constantFrom(
  ...['0', '1', '01', '00', '255', '256', '1e', 'ffff', 'FFFF', '10000', ':', '::', '.', '', 'g'],
);
const almost = fc
  .array(fc.tuple(part, fc.constantFrom(':', ':', '.', '')), { maxLength: 9 })
  .map((parts) => parts.flat().join(''));
const address = fc.oneof(fc.ipV4(), fc.ipV6());

/** The family of what is an address and nothing beside it. */
function familyOf(text: string): number {
  const network = text.includes('/') ? undefined : readNetwork(text);
  return network === undefined ? 0 : text.includes(':') ? 6 : 4;
}

test('an address is what Node takes for one', () => {
  const options = { numRuns: 3000 };
  fc.assert(
    fc.property(fc.oneof(address, almost), (text) => {
      expect(familyOf(text), text).toBe(isIP(text));
    }),
    options,
  );
});

test.each([
  '1:2:3:4::5:6:7:8',
  '::1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7:8::',
  '1:2:3:4:5:6:7::',
  '1:2:3:4:5:6:1.2.3.4',
  '1:2:3:4:5:6:7:1.2.3.4',
  '1.2.3.4::',
  '::1.2.3.4:5',
  ':::',
  '1::2::3',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '1:2:3:4:5:6:7:8:9',
])('%s is one for both, or for neither', (text) => {
  expect(familyOf(text)).toBe(isIP(text));
});

test('a network has the addresses that it has for Node', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 })),
        fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 })),
      ),
      fc.integer({ min: 0, max: 127 }),
      ([first, other, bits], near) => {
        const network = readNetwork(`${first}/${bits}`);
        // IPv4 in IPv6 is the same address for us, and of two families for Node.
        fc.pre(network !== undefined && network.first.isIPv4 === !first.includes(':'));
        const family = first.includes(':') ? 'ipv6' : 'ipv4';
        const list = new BlockList();
        list.addSubnet(first, bits, family);
        for (const text of [other, flip(first, near), network.first.text]) {
          const read = readAddress(text)!;
          if (read.isIPv4 !== (family === 'ipv4')) continue;
          expect(isWithin(read, network), `${text} in ${first}/${bits}`).toBe(
            list.check(text, family),
          );
        }
      },
    ),
    { numRuns: 3000 },
  );
});

/** A neighbour: one bit of it is another. */
function flip(text: string, bit: number): string {
  const { groups, isIPv4 } = readAddress(text)!;
  const at = isIPv4 ? 6 + (bit & 1) : bit >> 4;
  const flipped = groups.map((group, index) => (index === at ? group ^ (1 << (bit & 15)) : group));
  const hex = flipped.map((group) => group.toString(16)).join(':');
  return isIPv4 ? readAddress(hex)!.text : hex;
}

test('however an address is spelled, it reads as one', () => {
  fc.assert(
    fc.property(address, (text) => {
      const read = readAddress(text)!;
      expect(readAddress(read.text)).toEqual(read);
      expect(readAddress(text.toUpperCase())).toEqual(read);
      expect(readAddress(text.includes(':') ? `[${text}]:443` : `${text}:443`)).toEqual(read);
      expect(readAddress(`${text}%eth0`)).toEqual(read);
    }),
  );
});

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['::ffff:c0a8:0101', '192.168.1.1'],
  ['::FFFF:192.168.1.1', '192.168.1.1'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
])('%s is written %s', (text, canonical) => {
  expect(readAddress(text)?.text).toBe(canonical);
});

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9:80', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:7f00:1', true],
  ['[::1]:443', true],
  ['::1%lo', true],
  ['128.0.0.1', false],
  ['::2', false],
  ['1::1', false],
  ['::', false],
  ['::127.0.0.1', false],
])('whether %s is this machine: %s', (text, expected) => {
  expect(isThisMachine(readAddress(text)!)).toBe(expected);
});

test('IPv4 is in no network of IPv6, however large', () => {
  expect(isWithin(readAddress('10.0.0.1')!, readNetwork('::/1')!)).toBe(false);
});
