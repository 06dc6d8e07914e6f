/** Sessions that nobody keeps: two nodes have nothing in common but the secrets that seal them. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createSealing } from '../../src/engine/sealing.js';
import { givenKeys } from '../../src/engine/sealing-keys.js';
import { createServer } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  fetchHandler,
} from '../../src/transports/http/index.js';
import { letIn } from '../let-in.js';
import { callOf } from './node-stage.js';
import { jsonHeaders, type RawHeaders, type RawHttp, rawHttp } from './raw-http.js';

const sse = { accept: 'text/event-stream' };
const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
const [older, newer] = secrets;

let platform: ManualPlatform;
let release: () => void;

interface Node {
  readonly endpoint: Endpoint;
  readonly raw: RawHttp;
}

function startNode(options: EndpointOptions = {}): Node {
  const server = createServer({ name: 's', version: '1', platform, instructions: 'Be kind.' });
  const released = new Promise<void>((resolve) => (release = resolve));
  server.tool('who', {}, (_args, { peer }) => `${peer.clientInfo?.name ?? 'somebody'}`);
  server.tool('work', {}, async (_args, call) => {
    await call.progress(1);
    await Promise.race([
      released,
      new Promise((resolve) => call.signal.addEventListener('abort', resolve)),
    ]);
    await call.progress(2);
    return 'done';
  });
  server.tool('roots', {}, async (_args, call) => `${(await call.ask.roots()).length}`);
  server.resource('test://r', {}, () => 'r');
  const endpoint = createEndpoint(server, {
    platform,
    sessions: 'sealed',
    sessionSecrets: [older],
    ...options,
  });
  const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
  return {
    endpoint,
    raw: rawHttp('http://127.0.0.1:3000/mcp', (input, init) => handle(new Request(input, init))),
  };
}

const ping = { jsonrpc: '2.0', id: 9, method: 'ping' };

async function initialize(
  { raw }: Node,
  clientInfo: object = { name: 'c', version: '1' },
  more: RawHeaders = {},
): Promise<{ session: RawHeaders; result: { capabilities: object; instructions: string } }> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { roots: {}, sampling: {} },
    clientInfo,
  };
  const { headers, text } = await raw.post(
    { jsonrpc: '2.0', id: 0, method: 'initialize', params },
    more,
  );
  const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '', ...more };
  await raw.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  return { session, result: (JSON.parse(text) as { result: never }).result };
}

async function status({ raw }: Node, session: RawHeaders): Promise<number> {
  return (await raw.post(ping, session)).status;
}

let a: Node;
let b: Node;

beforeEach(() => {
  platform = manualPlatform();
  [a, b] = [startNode(), startNode()];
});

describe('a session that nobody keeps', () => {
  test('is served by any node that can open it', async () => {
    const { session } = await initialize(a);
    for (const { raw } of [b, a]) {
      const { status: code, text } = await raw.post(callOf(1, 'who'), session);
      expect([code, text]).toEqual([200, expect.stringContaining('"text":"c"')]);
    }
  });

  test('promises nothing that somebody would have to remember, and has none of it', async () => {
    const { session, result } = await initialize(a);
    expect(result).toMatchObject({ instructions: 'Be kind.' });
    expect(result.capabilities).toEqual({ tools: {}, resources: {} });
    for (const [method, params] of [
      ['logging/setLevel', { level: 'debug' }],
      ['resources/subscribe', { uri: 'test://r' }],
      ['resources/unsubscribe', { uri: 'test://r' }],
    ]) {
      const { text } = await a.raw.post({ jsonrpc: '2.0', id: 1, method, params }, session);
      expect(JSON.parse(text)).toMatchObject({ error: { code: -32601 } });
    }
    expect((await a.raw.send('GET', { ...sse, ...session })).status).toBe(405);
    expect((await a.raw.send('DELETE', session)).status).toBe(405);
    expect((await a.raw.post(callOf(2, 'roots'), session)).text).toContain('error');
  });

  test('has events in the answer to a call, which nobody can come back to', async () => {
    const { session } = await initialize(a);
    const stream = await b.raw.stream('POST', { ...jsonHeaders, ...session }, callOf(7, 'work'));
    release();
    const events = [];
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      events.push(event);
    }
    expect(events.map(({ id }) => id)).toEqual([undefined, undefined, undefined]);
    expect(events.at(-1)).toMatchObject({ message: { id: 7, result: {} } });
  });

  test('has its calls cancelled', async () => {
    const { session } = await initialize(a);
    const stream = await b.raw.stream('POST', { ...jsonHeaders, ...session }, callOf(7, 'work'));
    await stream.next();
    const params = { requestId: 7 };
    await b.raw.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, session);
    expect(await stream.next()).toBeUndefined();
  });

  test('ends a day after it began, on every node', async () => {
    const { session } = await initialize(a);
    await platform.clock.advance(resolveLimits().sessionTotalMs);
    expect([await status(a, session), await status(b, session)]).toEqual([200, 200]);
    await platform.clock.advance(1);
    expect([await status(a, session), await status(b, session)]).toEqual([404, 404]);
  });

  test('fits into a header, whatever its client is called', async () => {
    const { session } = await initialize(a, { name: 'n'.repeat(5000), version: '1' });
    expect(session['mcp-session-id']!.length).toBeLessThanOrEqual(1024);
    expect((await b.raw.post(callOf(1, 'who'), session)).text).toContain('"text":"somebody"');
  });
});

describe('nobody makes or borrows one', () => {
  test('whose it is not', async () => {
    const auth = letIn((token) => token);
    const options = { auth, publicUrl: 'http://127.0.0.1/mcp' };
    [a, b] = [startNode(options), startNode(options)];
    const { session } = await initialize(a, undefined, { authorization: 'Bearer alice' });
    for (const node of [a, b]) {
      expect(await status(node, session)).toBe(200);
      expect(await status(node, { ...session, authorization: 'Bearer bob' })).toBe(404);
    }
  });

  test('by changing any part of it', async () => {
    const { session } = await initialize(a);
    const id = session['mcp-session-id']!;
    const forged = [
      ...Array.from(
        id,
        (char, at) => id.slice(0, at) + (char === 'A' ? 'B' : 'A') + id.slice(at + 1),
      ),
      id.slice(1),
      id.slice(0, -4),
      `${id}AAAA`,
      id.slice(id.indexOf('.')),
      '.',
      'A'.repeat(43),
    ];
    for (const one of forged) {
      expect(await status(b, { 'mcp-session-id': one }), one).toBe(404);
      expect(await status(a, { 'mcp-session-id': one }), one).toBe(404);
    }
    expect(await status(b, session)).toBe(200);
  });

  test('of what the same secrets have sealed for something else', async () => {
    const sealing = createSealing(givenKeys([older], platform), platform);
    const text = JSON.stringify({ at: platform.clock.now(), version: '2025-11-25' });
    const bound = { session: 'session of anonymous', else: 'anonymous' };
    expect(await status(a, { 'mcp-session-id': await sealing.seal(text, bound.session) })).toBe(
      200,
    );
    expect(await status(a, { 'mcp-session-id': await sealing.seal(text, bound.else) })).toBe(404);
  });

  test('with other secrets, and the newest of several seals', async () => {
    const [both, onlyNewer] = [
      startNode({ sessionSecrets: [newer, older] }),
      startNode({ sessionSecrets: [newer] }),
    ];
    const before = (await initialize(a)).session;
    const after = (await initialize(both)).session;
    expect([await status(both, before), await status(onlyNewer, before)]).toEqual([200, 404]);
    expect([await status(onlyNewer, after), await status(a, after)]).toEqual([200, 404]);
  });
});

test('so many are known without being opened again, and each serves on', async () => {
  const node = startNode({ limits: { sealedSessionsRecentMax: 3 } });
  const sessions = [];
  for (let count = 0; count < 8; count++) sessions.push((await initialize(node)).session);
  for (const session of sessions) expect(await status(node, session)).toBe(200);
  await node.endpoint.close(0);
  expect(platform.clock.waiting).toBe(0);
});

test.each([[[]], [[new Uint8Array(31)]]])('%o are no secrets', (sessionSecrets) => {
  expect(() => startNode({ sessionSecrets })).toThrow('sessionSecrets must be 32 bytes');
});

test('of those that are known, the ones go first that were not used for longest', async () => {
  const node = startNode({ limits: { sealedSessionsRecentMax: 2 } });
  const open = async (): Promise<RawHeaders> => (await initialize(node)).session;
  const used = await open();
  await open();
  // One that is not known any more is opened again.
  const opening = vi.spyOn(globalThis.crypto.subtle, 'decrypt');
  expect(await status(node, used)).toBe(200);
  await open();
  expect(await status(node, used)).toBe(200);
  expect(opening).not.toHaveBeenCalled();
  opening.mockRestore();
  await node.endpoint.close(0);
});
