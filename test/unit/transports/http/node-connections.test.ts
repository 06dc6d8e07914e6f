import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createConnections,
  tooFewFiles,
} from '../../../../src/transports/http/node-connections.js';
import { readProxies } from '../../../../src/transports/http/proxies.js';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string | undefined;
  isServed = false;

  constructor(remoteAddress: string | undefined) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.emit('close');
  }
}

function open(limits: { readonly all?: number; readonly each?: number }): {
  readonly connections: ReturnType<typeof createConnections>;
  /** Undefined: it was closed at once. */
  from(address: string | undefined): FakeSocket | undefined;
} {
  const { all = 100, each = 2 } = limits;
  const connections = createConnections(
    { connectionsMax: all, connectionsPerAddressMax: each },
    readProxies(['10.0.0.1']),
  );
  const server = new EventEmitter();
  server.on('connection', (socket: FakeSocket) => (socket.isServed = true));
  connections.guard(server as unknown as Server);
  return {
    connections,
    from(address) {
      const socket = new FakeSocket(address);
      server.emit('connection', socket);
      return socket.isServed ? socket : undefined;
    },
  };
}

describe('one address', () => {
  test.each([
    ['an IPv4 address', '192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['as a socket for both families shows it', '::ffff:192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['a network of IPv6', '2001:db8:0:1::1', '2001:db8:0:1:ffff::9', '2001:db8:0:2::1'],
  ])('%s has so many', (_name, one, same, other) => {
    const { from } = open({});
    const first = from(one);
    expect([first, from(same)]).not.toContain(undefined);
    expect([from(one), from(same)]).toEqual([undefined, undefined]);
    expect(from(other)).toBeDefined();
    first?.destroy();
    expect(from(same)).toBeDefined();
    expect(from(same)).toBeUndefined();
  });

  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::ffff:10.0.0.1'])(
    '%s stands for many',
    (address) => {
      const { from, connections } = open({});
      for (let count = 0; count < 10; count++) expect(from(address)).toBeDefined();
      expect([connections.size, connections.addresses]).toEqual([10, 0]);
    },
  );
});

test('all together have so many, loopback too', () => {
  const { from, connections } = open({ all: 3 });
  const sockets = ['127.0.0.1', '10.0.0.1', '192.0.2.1'].map(from);
  expect([from('127.0.0.1'), from('192.0.2.2'), from(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  sockets[0]?.destroy();
  expect(from('192.0.2.2')).toBeDefined();
  expect(connections.size).toBe(3);
});

test('nothing is kept of connections that are closed or were refused', () => {
  const { from, connections } = open({});
  const sockets = Array.from({ length: 50 }, (_, at) => from(`192.0.2.${at}`));
  for (let count = 0; count < 5; count++) from('192.0.2.1');
  expect([connections.size, connections.addresses]).toEqual([51, 50]);
  for (const socket of sockets) socket?.destroy();
  expect([connections.size, connections.addresses]).toEqual([1, 1]);
  connections.cutAll();
  expect([connections.size, connections.addresses]).toEqual([0, 0]);
});

describe('the files that a process may have open', () => {
  const limitsOf = (soft: string): string =>
    `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            ${soft.padEnd(20)} 1048576              files
Max locked memory         8388608              8388608              bytes\n`;

  test.each([
    ['4352', 4096],
    ['unlimited', 1_000_000],
  ])('%s suffice for %i connections', (soft, connectionsMax) => {
    expect(tooFewFiles(limitsOf(soft), connectionsMax)).toBeUndefined();
    expect(tooFewFiles('', connectionsMax)).toBeUndefined();
  });

  test('are too few, and what to do is said', () => {
    expect(tooFewFiles(limitsOf('4351'), 4096)?.message).toBe(
      'This process may have 4351 files open, too few for 4096 connections: ' +
        'raise that (ulimit -n 4352) or lower the limit connectionsMax',
    );
    expect(tooFewFiles(limitsOf('4351'), Infinity)?.message).not.toContain('ulimit');
  });
});
