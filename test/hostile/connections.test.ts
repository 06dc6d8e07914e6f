/** Who may hold how many connections, and for how long after the last word. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { McpError } from '../../src/errors.js';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { listen } from '../../src/transports/http/index.js';
import { type Connections, createConnections } from '../../src/transports/http/node-connections.js';
import { createListener } from '../../src/transports/http/node-listener.js';
import { readProxies } from '../../src/transports/http/proxies.js';
import { modernCall } from './attack.js';
import { wireBytes } from './bytes.js';
import { openDoor } from './doors.js';
import { Line } from './raw-http.js';
import { certificates } from './self-signed.js';
import { createVictim } from './victim.js';

const { good } = certificates();
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

test('connectionsMax holds for both addresses together', async () => {
  const door = await openDoor('listen', { limits: { connectionsMax: 2 } });
  opened.push(door);
  const port = door.port!;
  // Where there is no IPv6, nothing listens there.
  const lineTo = (host: string): Promise<Line> => Line.to(port, host).catch(() => Line.to(port));
  const lines = [await lineTo('127.0.0.1'), await lineTo('::1')];
  await (
    await lineTo('127.0.0.1')
  ).closed;
  await (
    await lineTo('::1')
  ).closed;
  for (const line of lines) {
    line.write(wireBytes(modernCall('look'), { port }));
    expect((await line.answer())?.status).toBe(200);
    line.hangUp();
  }
});

/** The listener alone, with connections from wherever the test says. */
async function openListener(options: { readonly proxies?: readonly string[] } = {}): Promise<{
  readonly connections: Connections;
  readonly port: number;
  /** The server's end of the next connection, which says that it comes from `address`. */
  next(address: string): Promise<Socket>;
  /** Connects as if from `address`; `left` resolves when the server has let go of it. */
  from(address: string): Promise<{ readonly line: Line; readonly left: Promise<unknown> }>;
}> {
  const limits = resolveLimits({ connectionsPerAddressMax: 2, lingerMs: 50 });
  const server = createListener({
    limits,
    clock: systemClock,
    serve: (_request, response) => void response.end('served'),
    refuse: () => ({ status: 400, headers: {}, body: '{}' }),
  });
  const connections = createConnections(limits, readProxies(options.proxies ?? []));
  connections.guard(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  opened.push({
    close() {
      connections.cutAll();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  const next = (remoteAddress: string): Promise<Socket> =>
    new Promise((resolve) => {
      server.prependOnceListener('connection', (socket: Socket) => {
        Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
        resolve(socket);
      });
    });
  return {
    connections,
    port,
    next,
    async from(address) {
      const arrived = next(address);
      const left = arrived.then((socket) => once(socket, 'close'));
      const line = await Line.to(port);
      await arrived;
      return { line, left };
    },
  };
}

async function isServed(line: Line): Promise<boolean> {
  line.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  return (await line.answer())?.body === 'served';
}

describe('connectionsPerAddressMax', () => {
  test('closes at once what is beyond, and lets others in', async () => {
    const { from, connections } = await openListener();
    const [first, second] = [await from('192.0.2.7'), await from('192.0.2.7')];
    expect([await isServed(first.line), await isServed(second.line)]).toEqual([true, true]);
    const third = await from('192.0.2.7');
    expect(await isServed(third.line)).toBe(false);
    const stranger = await from('192.0.2.8');
    expect([await isServed(stranger.line), await isServed(first.line)]).toEqual([true, true]);
    first.line.hangUp();
    await first.left;
    const fourth = await from('192.0.2.7');
    expect(await isServed(fourth.line)).toBe(true);
    for (const { line } of [second, stranger, fourth]) line.hangUp();
    await Promise.all([second.left, stranger.left, fourth.left]);
    expect([connections.size, connections.addresses]).toEqual([0, 0]);
  });

  test.each(['127.0.0.1', '192.0.2.7'])(
    'is nothing to %s, who speaks for many',
    async (address) => {
      const { from } = await openListener({ proxies: ['192.0.2.7'] });
      const all = [await from(address)];
      for (let count = 0; count < 4; count++) all.push(await from(address));
      for (const { line } of all) expect(await isServed(line)).toBe(true);
      for (const { line } of all) line.hangUp();
    },
  );
});

describe('who has had the last word and does not go is cut', () => {
  test.each([
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['what is no HTTP', 'nonsense\r\n\r\n'],
  ])('after %s', async (_name, bytes) => {
    const { next, port, connections } = await openListener();
    const arrived = next('192.0.2.7');
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    opened.push({ close: () => client.destroy() });
    client.write(bytes);
    await once(client.resume(), 'end');
    await once(await arrived, 'close');
    expect(connections.size).toBe(0);
  });
});

test('connections with TLS are counted, in the middle of a handshake too', async () => {
  const listening = await listen(createVictim().served, {
    tls: good,
    limits: { connectionsMax: 1 },
  });
  opened.push({ close: () => listening.close({ drainMs: 0 }) });
  const line = await Line.to(listening.port);
  await (
    await Line.to(listening.port)
  ).closed;
  expect(line.isOpen).toBe(true);
  line.hangUp();
});

test.runIf(process.platform === 'linux')('more than a process may have open is said', async () => {
  const errors: McpError[] = [];
  const door = await openDoor('listen', {
    limits: { connectionsMax: 2 ** 40 },
    onError: (error) => errors.push(error),
  });
  opened.push(door);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^This process may have \d+ files open, too few for \d+ connections: /),
  ]);
  expect((await door.send(modernCall('look'))).heard?.status).toBe(200);
});

test('a log that fails at that does not keep a server from its start', async () => {
  const door = await openDoor('listen', {
    limits: { connectionsMax: 2 ** 40 },
    onError() {
      throw new Error('the disk is full');
    },
  });
  opened.push(door);
  expect((await door.send(modernCall('look'))).heard?.status).toBe(200);
});
