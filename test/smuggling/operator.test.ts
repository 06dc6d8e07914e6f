/** What an operator gets who sets a proxy up as the guide says: everything works through it. */
import { networkInterfaces } from 'node:os';
import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type Client, connect, createServer } from '../../src/index.js';
import { type EndpointOptions, listen } from '../../src/transports/http/index.js';
import { Line } from '../hostile/raw-http.js';
import { type Cutter, cutterBefore } from '../interop/cutter.js';
import { behindProxy } from './backend.js';
import { type Front, proxyNames, startProxy, type ProxyName } from './proxies.js';
import { isReady } from './ready.js';
import { bodyOf, host, lengthOf, linesOf, post, whole } from './requests.js';
import { letIn } from '../let-in.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const optionsOf = (name: ProxyName): EndpointOptions =>
  // It says nothing of who asked, so what stands in X-Forwarded-For is the client's own word.
  name === 'nginx 1.0' ? { publicUrl: `http://${host}` } : behindProxy;

describe.skipIf(!isReady).each(proxyNames)('behind %s', (name) => {
  test.each(['modern', 'legacy'] as const)('%s: progress arrives event by event', async (era) => {
    const { client, door } = await setUp(name, era);
    const steps: number[] = [];
    const { content } = await client.callTool('steps', undefined, {
      onProgress({ done }) {
        steps.push(done);
        // The server goes on only when this one is here: a proxy that keeps it keeps everything.
        door.open();
      },
    });
    expect(steps).toEqual([1, 2, 3]);
    expect(content).toEqual([{ type: 'text', text: 'arrived' }]);
  });

  test('legacy: a call goes on while its stream is cut, and the rest is fetched', async () => {
    const { client, door, network } = await setUp(name, 'legacy');
    const steps: number[] = [];
    const { content } = await client.callTool('steps', undefined, {
      onProgress({ done }) {
        steps.push(done);
        if (done > 1) return;
        network.cut();
        door.open();
      },
    });
    expect(steps).toEqual([1, 2, 3]);
    expect(content).toEqual([{ type: 'text', text: 'arrived' }]);
    expect(network.sent).toMatch(/^last-event-id: \S+/im);
  });

  test('legacy: a session ends when its client says so', async () => {
    const { client, front, network } = await setUp(name, 'legacy');
    await client.ping();
    const [, session = ''] = /^mcp-session-id: (\S+)/im.exec(network.sent) ?? [];
    expect(session).toMatch(/^\S{43}$/);
    expect(await pingIn(session, front)).toBe(200);
    await client.close();
    expect(network.sent).toContain('DELETE /mcp');
    expect(await pingIn(session, front)).toBe(404);
  });

  test('a cancelled modern call is cancelled at the server', async () => {
    const { client, door } = await setUp(name, 'modern');
    const stopper = new AbortController();
    const call = client.callTool('steps', undefined, {
      signal: stopper.signal,
      onProgress: () => stopper.abort(),
    });
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
    await door.cancelled;
  });

  test('the address that the server is told is the client’s, whatever it says itself', async () => {
    const { front, addresses } = await setUp(name, 'modern');
    addresses.length = 0;
    expect(await callFrom(outside ?? '127.0.0.9', front)).toBe(200);
    // Of a client on this machine no proxy's word is taken; nginx 1.0 passes no address on.
    const told = name === 'nginx 1.0' ? undefined : outside;
    expect(addresses).toEqual([told ?? '127.0.0.1']);
  });

  test('a name that is not the server’s is refused', async () => {
    const { front } = await setUp(name, 'modern');
    const line = await Line.to(front.port);
    line.write(whole('MARKMARK').replace(host, `evil.example\r\n${token}`));
    // Whoever passes on no name of its own asks for the server by its address.
    expect((await line.answer())?.status).toBe(name === 'nginx 1.0' ? 200 : 403);
    line.hangUp();
  });
});

/** An address of this machine by which it is another's, where it has a network. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.internal === false && one.family === 'IPv4')?.address;

const token = 'Authorization: Bearer somebody';

interface Scene {
  readonly client: Client;
  readonly front: Front;
  /** What lies between the client and the proxy. */
  readonly network: Cutter;
  readonly door: Door;
  /** As `verify` was told, one for each request. */
  readonly addresses: (string | undefined)[];
}

interface Door {
  open(): void;
  readonly opened: Promise<void>;
  cancel(): void;
  readonly cancelled: Promise<void>;
}

async function setUp(name: ProxyName, era: 'modern' | 'legacy'): Promise<Scene> {
  const door = createDoor();
  const addresses: (string | undefined)[] = [];
  const server = createServer({ name: 'behind', version: '1.0.0', scopes: [] });
  server.tool('mark', { input: { type: 'object' } }, () => 'marked');
  server.tool('steps', {}, async (_args, call) => {
    call.signal.addEventListener('abort', () => door.cancel());
    await call.progress(1);
    await door.opened;
    await call.progress(2);
    await call.progress(3);
    return 'arrived';
  });
  const listening = await listen(server, {
    ...optionsOf(name),
    auth: letIn((_token, { remoteAddress }) => {
      addresses.push(remoteAddress);
      return 'somebody';
    }),
  });
  closers.push(() => listening.close({ drainMs: 0 }));
  const front = await startProxy(name, listening.port);
  closers.push(() => front.close());
  const network = await cutterBefore(`http://127.0.0.1:${front.port}/mcp`);
  closers.push(() => network.close());
  const headers = { authorization: 'Bearer somebody' };
  const client = await connect(network.url, { era, headers });
  closers.push(() => client.close());
  return { client, front, network, door, addresses };
}

function createDoor(): Door {
  let open = (): void => undefined;
  let cancel = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const cancelled = new Promise<void>((resolve) => (cancel = resolve));
  return { open: () => open(), opened, cancel: () => cancel(), cancelled };
}

async function pingIn(session: string, front: Front): Promise<number | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'again', method: 'ping' });
  const lines = [
    ...['Content-Type: application/json', 'Accept: application/json, text/event-stream'],
    ...[`Host: ${host}`, 'MCP-Protocol-Version: 2025-11-25', `Mcp-Session-Id: ${session}`],
    lengthOf(body),
    token,
  ];
  const line = await Line.to(front.port);
  line.write([post, ...lines, '', body].join('\r\n'));
  const answer = await line.answer();
  line.hangUp();
  return answer?.status;
}

/** Calls from another address of this machine, and claims yet another. */
async function callFrom(localAddress: string, front: Front): Promise<number | undefined> {
  const marker = 'MARKMARK';
  const lines = [...linesOf(marker), token].map((line) => line.split(': ', 2) as [string, string]);
  const headers = { ...Object.fromEntries(lines), 'X-Forwarded-For': '203.0.113.9' };
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port: front.port, path: '/mcp', method: 'POST' };
    request({ ...where, localAddress, headers, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end(bodyOf(marker));
  });
}
