/** Attacks on the edge that are no single request, and what the edge tells its owner. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { McpError } from '../../src/errors.js';
import { defaultLimits } from '../../src/limits.js';
import {
  createEndpoint,
  listen,
  type ListenOptions,
  nodeHandler,
} from '../../src/transports/http/index.js';
import { cites } from '../requirements.js';
import { modern, modernCall, wipe } from './attack.js';
import { wireBytes } from './bytes.js';
import { doorNames, openDoor } from './doors.js';
import { matchTemplate, openNaiveServer } from './naive-server.js';
import { Line } from './raw-http.js';
import { guarded } from './rows/verify.js';
import { doorTo } from './run.js';
import { createVictim } from './victim.js';
import { letIn } from '../let-in.js';
import { attacks } from './advisories.js';

attacks('B', 'O');

describe('a public bind is refused', () => {
  const auth = letIn(() => 'x');
  const { publicUrl = '' } = guarded;
  const binds: readonly [name: string, options: ListenOptions][] = [
    ['on all interfaces', { host: '0.0.0.0' }],
    ['on all interfaces, IPv6', { host: '::' }],
    ['on an address of the network', { host: '192.0.2.1' }],
    ['by a name', { host: 'mcp.example' }],
    ['written in another way', { host: '0' }],
    ['with a name and nobody asked who they are', { host: '0.0.0.0', allowedHosts: ['a.example'] }],
    ['with an address and nobody asked', { host: '0.0.0.0', publicUrl }],
    ['with a question and no name', { host: '0.0.0.0', auth }],
    ['with a question and an empty list', { host: '0.0.0.0', auth, allowedHosts: [] }],
  ];
  test.each(binds)('%s', async (_name, options) => {
    const error = await listen(createVictim().served, options).then(
      () => undefined,
      (thrown: unknown) => thrown as McpError,
    );
    expect(error).toMatchObject({ kind: 'forbidden' });
    expect(error?.message).not.toContain('\n');
    expect(error?.message).toContain(String(options.host));
  });

  test('which the naive server does without a word', async () => {
    const naive = await openNaiveServer('0.0.0.0');
    expect(naive.port).toBeGreaterThan(0);
    await naive.close();
  });

  test('unless all is given: who, under which name, and what ends TLS', async () => {
    const options = { ...guarded, host: '0.0.0.0', trustedProxies: ['127.0.0.1'] };
    const listening = await listen(createVictim().served, options);
    expect(listening.port).toBeGreaterThan(0);
    await listening.close();
  });
});

describe('a private server that is mounted in a public one', () => {
  /** A server that says of every request that it came from `address`, as a real one would. */
  async function askFrom(address: string, options = {}): Promise<number | undefined> {
    const victim = createVictim();
    const handle = nodeHandler(createEndpoint(victim.served, options));
    const server = createServer((request, response) => {
      Object.defineProperty(request.socket, 'remoteAddress', { value: address });
      handle(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const line = await Line.to(port);
    line.write(wireBytes(wipe, { port }));
    const heard = await line.answer();
    line.hangUp();
    server.close();
    expect(victim.runs).toBe(heard?.status === 200 ? 1 : 0);
    return heard?.status;
  }

  test.each(['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '10.0.0.3', 'fe80::1'])(
    'is not reached from %s, though Host says localhost',
    async (address) => expect(await askFrom(address)).toBe(403),
  );
  test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])(
    'is reached from %s',
    async (address) => expect(await askFrom(address)).toBe(200),
  );
  test('is reached from everywhere once it has a public address', async () => {
    expect(await askFrom('192.0.2.7', { publicUrl: 'https://a.example/mcp' })).toBe(200);
  });
});

describe('a broken request never answers in the place of another', () => {
  test('which is still at work: the connection ends without a word', async () => {
    const door = await openDoor('listen', {});
    const line = await Line.to(door.port!);
    line.write(wireBytes(modernCall('hold'), { port: door.port! }));
    await door.victim.holding(1);
    line.write('this is not HTTP\r\n\r\n');
    expect(await line.answer()).toBeUndefined();
    await door.close();
  });

  test('which is answered: the fault has an answer of its own', async () => {
    const door = await openDoor('listen', {});
    const line = await Line.to(door.port!);
    line.write(wireBytes(modernCall('look'), { port: door.port! }));
    expect((await line.answer())?.status).toBe(200);
    line.write('this is not HTTP\r\n\r\n');
    expect((await line.answer())?.status).toBe(400);
    await line.closed;
    await door.close();
  });

  test('nor is what comes behind a request with strange expectations served', async () => {
    const door = await openDoor('listen', {});
    const line = await Line.to(door.port!);
    const strange = { ...wipe, headers: { ...wipe.headers, expect: 'more' } };
    const bytes = [strange, wipe].map((parts) => wireBytes(parts, { port: door.port! }));
    line.write(Buffer.concat(bytes));
    expect((await line.answer())?.status).toBe(417);
    await line.closed;
    expect(door.victim.runs).toBe(0);
    await door.close();
  });

  test('nor is what comes behind the last request of a connection served', async () => {
    const door = await openDoor('listen', { limits: { requestsPerConnectionMax: 1 } });
    const line = await Line.to(door.port!);
    const call = wireBytes(wipe, { port: door.port! });
    line.write(Buffer.concat([call, call, call]));
    expect((await line.answer())?.status).toBe(200);
    await line.closed;
    expect(door.victim.runs).toBe(1);
    await door.close();
  });
});

test('an announced body is asked for only once the request may come in', async () => {
  const door = await openDoor('listen', {});
  const whole = wireBytes({ ...wipe, headers: { ...wipe.headers, expect: '100-continue' } }, {});
  const head = whole.subarray(0, whole.indexOf('\r\n\r\n') + 4);
  const good = head.toString('latin1').replace('{port}', '1');
  const line = await Line.to(door.port!);
  line.write(good);
  expect(await line.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  line.write(whole.subarray(head.length));
  expect((await line.answer())?.status).toBe(200);
  const refused = await Line.to(door.port!);
  refused.write(good.replace('127.0.0.1', 'evil.example'));
  expect(await refused.answer()).toMatchObject({ status: 403, interim: [] });
  await refused.closed;
  await door.close();
});

describe.each(doorNames)('by %s', (name) => {
  test('each refusal has an id of ours, in the answer and in the log', async () => {
    const log: { readonly kind: string; readonly requestId: string }[] = [];
    const door = await openDoor(name, {
      onRefusal: ({ kind }, { requestId }) => log.push({ kind, requestId }),
    });
    const ids: (string | undefined)[] = [];
    for (const change of [
      { target: '/mcp/elsewhere' },
      { method: 'PUT' },
      { headers: { ...wipe.headers, host: 'evil.example' } },
      {
        headers: { ...wipe.headers, 'x-request-id': 'chosen-by-me', 'content-type': 'text/plain' },
      },
      { body: '{' },
      { headers: { ...wipe.headers, 'mcp-name': 'look' } },
    ]) {
      const { heard } = await door.send({ ...wipe, ...change });
      ids.push(heard?.headers.get('x-request-id'));
    }
    expect(log.map(({ kind }) => kind)).toEqual([
      'notFound',
      'methodNotAllowed',
      'forbidden',
      'unsupportedMediaType',
      'parseError',
      'headerMismatch',
    ]);
    expect(ids).toEqual(log.map(({ requestId }) => requestId));
    for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/);
    expect(new Set(ids).size).toBe(ids.length);
    const { heard } = await door.send(modernCall('look'));
    expect(heard?.headers.has('x-request-id')).toBe(false);
    await door.close();
  });

  test('a log that throws does not take the answer with it', async () => {
    const door = await openDoor(name, {
      onRefusal() {
        throw new Error('the disk is full');
      },
    });
    expect((await door.send({ ...wipe, target: '/mcp/elsewhere' })).heard?.status).toBe(404);
    await door.close();
  });

  test('a uri that a pattern would try in every way is answered at once', async () => {
    const door = await doorTo(name, asItComes);
    const uri = `file:///${'a'.repeat(220)}/`;
    const read = {
      ...wipe,
      headers: { ...wipe.headers, 'mcp-method': 'resources/read', 'mcp-name': uri },
      body: modern('resources/read', { uri }),
    };
    const [naiveMs] = await timed(() => Promise.resolve(matchTemplate(uri)));
    const [oursMs, { heard }] = await timed(() => door.send(read));
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({ error: { code: -32602 } });
    expect(oursMs).toBeLessThan(naiveMs / 2);
  });
});

test('refusals of the parser are in the log as well', async () => {
  const log: McpError[] = [];
  const door = await openDoor('listen', { onRefusal: (error) => log.push(error) });
  await door.send({ ...wipe, raw: 'nonsense\r\n\r\n' });
  await door.send({ ...wipe, raw: 'CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n' });
  await door.send({ ...wipe, headers: { ...wipe.headers, expect: 'more' } });
  expect(log.map(({ kind }) => kind)).toEqual([
    'badRequest',
    'methodNotAllowed',
    'expectationFailed',
  ]);
  expect(log[0]?.cause).toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  await door.close();
});

/** A default that is loosened here is loosened for everybody; it takes a second look. */
test('the defaults of the edge are what they were', () => {
  const kibibyte = 1024;
  expect(defaultLimits).toMatchObject({
    serverMessageBytesMax: 4096 * kibibyte,
    serverMessageNodesMax: 100_000,
    messageDepthMax: 64,
    objectKeysMax: 10_000,
    numberLengthMax: 64,
    stringIdLengthMax: 256,
    callsInFlightPerPipeMax: 64,
    callsInFlightMax: 1024,
    outboxBytesMax: 1024 * kibibyte,
    slowReaderMs: 30_000,
    streamsMax: 4096,
    sessionsMax: 10_000,
    sessionIdleMs: 1_800_000,
    sessionTotalMs: 86_400_000,
    sessionInitializeMs: 60_000,
    headerBytesMax: 16 * kibibyte,
    headersMax: 100,
    headersMs: 10_000,
    bodyMs: 30_000,
    slowCheckMs: 1000,
    connectionsMax: 4096,
    requestsPerConnectionMax: 10_000,
    idleConnectionMs: 10_000,
  });
});

cites('http/loopback', 'session/loopback');
test('a server as it comes is on loopback only', async () => {
  const listening = await listen(createVictim().served);
  expect(listening.url).toBe(`http://127.0.0.1:${listening.port}/mcp`);
  await listening.close();
});

const asItComes = {};

async function timed<T>(act: () => Promise<T>): Promise<[ms: number, result: T]> {
  const start = performance.now();
  const result = await act();
  return [performance.now() - start, result];
}
