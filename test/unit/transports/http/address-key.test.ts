import { expect, test } from 'vitest';
import { addressKey } from '../../../../src/transports/http/address-key.js';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['2001:0db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::6', '0:0:0:0'],
  ['2001:DB8:1:2::6', '2001:db8:1:2'],
  ['::ffff:c0a8:0101', '192.168.1.1'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:55', '192.0.2.7'],
  ['[2001:db8:1:2::6]:55', '2001:db8:1:2'],
  ['::1', undefined],
  ['0:0:0:0:0:0:0:1', undefined],
  ['::ffff:7f00:1', undefined],
  ['127.0.0.1:55', undefined],
  ['nobody', undefined],
  ['127.0.0.1', undefined],
  ['127.8.9.1', undefined],
  ['::ffff:127.0.0.1', undefined],
  [undefined, undefined],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
