import { expect, test } from 'vitest';
import { readAddress } from '../../../../src/stores/redis/address.js';

test.each([
  ['redis://host', { host: 'host', port: 6379, db: 0 }],
  ['redis://host:7000/3', { host: 'host', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
  ['redis://:p%40ss@host', { host: 'host', port: 6379, db: 0, password: 'p@ss' }],
  ['redis://ann:pw@host', { host: 'host', port: 6379, db: 0, username: 'ann', password: 'pw' }],
  ['rediss://host', { host: 'host', port: 6379, db: 0, tls: {} }],
  ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
])('%s', (url, options) => {
  expect(readAddress(url)).toEqual(options);
  expect(readAddress({ url })).toEqual(options);
});

test('certificates mean TLS', () => {
  expect(readAddress({ url: 'redis://host', tls: { ca: 'x' } })).toMatchObject({
    tls: { ca: 'x' },
  });
  expect(readAddress({ url: 'rediss://host', tls: { ca: 'x' } }).tls).toEqual({ ca: 'x' });
});

test('sentinels say where the server is, and the url all else', () => {
  const sentinels = [{ host: 'a' }, { host: 'b', port: 7001 }];
  const read = readAddress({ url: 'rediss://ann:pw@/2', sentinels, name: 'main' });
  expect(read).toEqual({
    sentinels: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 7001 },
    ],
    name: 'main',
    username: 'ann',
    password: 'pw',
    db: 2,
    tls: {},
    enableTLSForSentinelMode: true,
    sentinelTLS: {},
  });
  expect(readAddress({ sentinels, name: 'main', sentinelPassword: 'x' })).toMatchObject({
    sentinelPassword: 'x',
  });
});

test.each([
  ['another scheme', 'http://:secret@host'],
  ['no url', ':secret@host'],
  ['a path that is no number', 'redis://:secret@host/secret'],
  ['nothing', {}],
  ['sentinels without a name', { url: 'redis://:secret@/', sentinels: [{ host: 'a' }] }],
  ['no sentinel', { url: 'redis://:secret@/', sentinels: [], name: 'main' }],
])('%s is refused, and not shown', (_what, address) => {
  let thrown: unknown;
  try {
    readAddress(address);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect((thrown as Error).message).not.toContain('secret');
});
