/** Sessions over HTTP when something goes wrong around them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createServer, type Server } from '../../src/index.js';
import type { McpError } from '../../src/errors.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { resolveLimits } from '../../src/limits.js';
import { memoryEvents } from '../../src/stores/memory-events.js';
import { memorySessions } from '../../src/stores/memory.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  type EventStore,
  fetchHandler,
  listen,
  type StoreOptions,
} from '../../src/transports/http/index.js';
import { createGate, type Gate } from './gate.js';
import { jsonHeaders, type RawHeaders, type RawHttp, rawHttp, type RawStream } from './raw-http.js';
import { initialize, initialized, legacy } from './raw-pipe.js';

let platform: ManualPlatform;
let server: Server;
let endpoint: Endpoint;
let raw: RawHttp;
let session: RawHeaders;
let gate: Gate;

const serve = async (
  options: EndpointOptions & StoreOptions = {},
  more: RawHeaders = {},
): Promise<void> => {
  endpoint = createEndpoint(server, { ...options, platform });
  const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
  raw = rawHttp('http://127.0.0.1/mcp', (url, init) => handle(new Request(url, init)));
  session = await raw.open('2025-11-25', more);
};
const call = (id: number, name: string): Promise<RawStream> => {
  const message = legacy(id, 'tools/call', { name, _meta: { progressToken: id } });
  return raw.stream('POST', { ...jsonHeaders, ...session }, message);
};
const cancel = (requestId: number): JsonObject => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});
const status = async (message: JsonObject, more: RawHeaders = {}): Promise<number> =>
  (await raw.post(message, { ...session, ...more })).status;
const restOf = async (stream: RawStream): Promise<JsonObject[]> => {
  const rest: JsonObject[] = [];
  for (let one = await stream.next(); one !== undefined; one = await stream.next()) {
    if (one.message !== undefined) rest.push(one.message);
  }
  return rest;
};

beforeEach(() => {
  platform = manualPlatform();
  gate = createGate();
  server = createServer({ name: 'faults', version: '1.0.0', platform });
  server.tool('work', {}, async (_args, running) => {
    await running.progress(1);
    await gate.pass();
    await running.progress(2);
    return 'done';
  });
});

afterEach(async () => {
  await endpoint.close(0);
  expect(platform.clock.waiting).toBe(0);
});

describe('a cancellation that overtakes its request', () => {
  let runs: number;

  beforeEach(async () => {
    runs = 0;
    server.tool('count', {}, () => `run ${++runs}`);
    await serve();
  });

  test('ends it on arrival, and no other', async () => {
    await status(cancel(1));
    const { status: code, messages } = await raw.post(
      legacy(1, 'tools/call', { name: 'count' }),
      session,
    );
    expect([code, messages, runs]).toEqual([200, [], 0]);
    await status(legacy(2, 'tools/call', { name: 'count' }));
    expect(runs).toBe(1);
  });

  test('is remembered for ten seconds', async () => {
    await status(cancel(1));
    await status(cancel(2));
    await platform.clock.advance(10_000);
    await status(legacy(1, 'tools/call', { name: 'count' }));
    expect(runs).toBe(0);
    await platform.clock.advance(1);
    await status(legacy(2, 'tools/call', { name: 'count' }));
    expect(runs).toBe(1);
  });

  test('is one of 64 that are remembered', async () => {
    for (let id = 1; id <= 65; id++) await status(cancel(id));
    await status(legacy(2, 'tools/call', { name: 'count' }));
    expect(runs).toBe(0);
    await status(legacy(1, 'tools/call', { name: 'count' }));
    expect(runs).toBe(1);
  });
});

test('each request of a session runs with the principal that was verified for it', async () => {
  const startMs = platform.clock.now();
  const minuteMs = 60_000;
  server.tool(
    'scopes',
    { scopes: [] },
    (_args, { peer }) => peer.principal.scopes?.join(' ') ?? 'none',
  );
  const options: EndpointOptions = {
    publicUrl: 'http://127.0.0.1/mcp',
    auth: {
      verify(token, { resource }) {
        const [scope, minutes] = token.split('.');
        const expiresAt = startMs + Number(minutes ?? 1) * minuteMs + 1;
        return { id: 'ann', audience: resource, scopes: [scope ?? ''], expiresAt };
      },
    },
  };
  await serve(options, { authorization: 'Bearer admin.1' });
  const scopes = async (token: string): Promise<string> =>
    (
      await raw.post(legacy(1, 'tools/call', { name: 'scopes' }), {
        ...session,
        authorization: `Bearer ${token}`,
      })
    ).text;
  expect(await scopes('admin.9')).toContain('"admin"');
  // It came later and holds for less: it is good for itself, and takes nothing from the session.
  expect(await scopes('reader.2')).toContain('"reader"');
  await platform.clock.advance(9 * minuteMs);
  expect(await scopes('admin.9')).toContain('"admin"');
  await platform.clock.advance(2);
  expect(await status(legacy(2, 'ping'), { authorization: 'Bearer admin.9' })).toBe(401);
  expect(await status(legacy(3, 'ping'), { authorization: 'Bearer reader.99' })).toBe(200);
});

describe.each(['throws', 'rejects'])('an event store that %s', (how) => {
  let failing: boolean;
  let told: McpError[];
  const failed = new Error('disk full');

  beforeEach(async () => {
    failing = false;
    told = [];
    const kept = memoryEvents(resolveLimits(), platform.clock);
    const fails = <T>(work: () => T): T | Promise<never> => {
      if (!failing) return work();
      if (how === 'throws') throw failed;
      return Promise.reject(failed);
    };
    const events: EventStore = {
      begin: (key, purpose) => fails(() => kept.begin(key, purpose)),
      state: (key) => fails(() => kept.state(key)),
      claim: (key, from, owner) => fails(() => kept.claim(key, from, owner)),
      append: (key, owner, event, settled) => fails(() => kept.append(key, owner, event, settled)),
      after: (key, seq) => fails(() => kept.after(key, seq)),
      finish: (key, owner, lastSeq) => fails(() => kept.finish(key, owner, lastSeq)),
      watch: (key, changed) => fails(() => kept.watch(key, changed)),
      forget: (key) => fails(() => kept.forget(key)),
      forgetSession: (principal, id) => fails(() => kept.forgetSession(principal, id)),
    };
    await serve({ store: { events }, onError: (error) => void told.push(error) });
  });

  test('takes neither the answer nor the events from who reads', async () => {
    const stream = await call(1, 'work');
    await stream.next();
    expect(await stream.next()).toMatchObject({ id: 's1-1', message: {} });
    failing = true;
    await gate.open();
    const unkept = await stream.next();
    expect(unkept).toMatchObject({ message: { params: { progress: 2 } } });
    expect(unkept?.id).toBeUndefined();
    expect(await restOf(stream)).toMatchObject([{ id: 1, result: {} }]);
    expect(told.map(({ kind, cause }) => [kind, cause])).toEqual(
      Array.from({ length: 3 }, () => ['internal', failed]),
    );
  });

  test('leaves a gap that is said to who comes back', async () => {
    const stream = await call(1, 'work');
    await stream.next();
    await stream.next();
    stream.cut();
    failing = true;
    await gate.open();
    failing = false;
    const headers = { accept: 'text/event-stream', ...session, 'last-event-id': 's1-1' };
    expect((await raw.send('GET', headers)).status).toBe(404);
  });

  test('does not keep a session from its end', async () => {
    failing = true;
    expect((await raw.send('DELETE', session)).status).toBe(200);
    expect(await status(legacy(1, 'ping'))).toBe(404);
    expect(told.length).toBeGreaterThan(0);
  });
});

test('a session that no store takes is not opened', async () => {
  const failed = new Error('disk full');
  const told: unknown[] = [];
  await serve({
    store: {
      sessions: {
        ...memorySessions(),
        add: () => Promise.reject(failed),
        delete: () => Promise.reject(failed),
      },
    },
    onError: ({ cause }) => void told.push(cause),
  });
  const { status: code, headers } = await raw.post(initialize(1));
  expect([code, headers.get('mcp-session-id')]).toEqual([503, null]);
  expect(told).toContain(failed);
});

describe('a question that is never answered', () => {
  test('ends its call when the time for answers is over', async () => {
    server.tool('ask', {}, async (_args, { ask }) => {
      await ask.form('who', 'Your name?', z.object({ name: z.string() }));
      return 'answered';
    });
    await serve({ limits: { requestStateTtlMs: 60_000 } });
    const { headers } = await raw.post(withForms);
    session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
    await raw.post(initialized, session);
    const stream = await call(1, 'ask');
    await stream.next();
    expect(await stream.next()).toMatchObject({ message: { method: 'elicitation/create' } });
    await platform.clock.advance(60_000);
    expect(await restOf(stream)).toMatchObject([
      { method: 'notifications/cancelled' },
      { id: 1, error: { code: 504 } },
    ]);
  });
});

describe('while the server closes', () => {
  test('what runs is answered, cancelled and come back to; what is new is refused', async () => {
    await serve();
    const stopped = await call(1, 'work');
    const finished = await call(2, 'work');
    for (const stream of [stopped, finished]) {
      await stream.next();
      await stream.next();
    }
    finished.cut();
    const closed = endpoint.close(30_000);
    expect(await status(legacy(3, 'ping'))).toBe(503);
    expect((await raw.post(initialize(4))).status).toBe(503);
    const sse = { accept: 'text/event-stream', ...session };
    expect((await raw.send('GET', sse)).status).toBe(503);
    expect(await status(cancel(1))).toBe(202);
    expect(await restOf(stopped)).toEqual([]);
    const again = await raw.stream('GET', { ...sse, 'last-event-id': 's2-1' });
    // The one that was cancelled waits there, too.
    await gate.open();
    await gate.open();
    expect(await restOf(again)).toMatchObject([{ params: { progress: 2 } }, { id: 2, result: {} }]);
    await closed;
  });

  test('a listener still takes connections, for who has to answer', async () => {
    await serve();
    const listening = await listen(server, { platform });
    const http = rawHttp(listening.url, fetch);
    session = await http.open();
    const params = { name: 'work', _meta: { progressToken: 1 } };
    const stream = await http.stream(
      'POST',
      { ...jsonHeaders, ...session },
      legacy(1, 'tools/call', params),
    );
    await gate.reached();
    const closed = listening.close({ drainMs: 30_000 });
    const fresh = { ...session, connection: 'close' };
    expect((await http.post(legacy(2, 'ping'), fresh)).status).toBe(503);
    expect((await http.post(cancel(1), fresh)).status).toBe(202);
    await restOf(stream);
    await closed;
  });

  test('it says that it lives, and is not ready', async () => {
    await serve();
    const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
    const said = (path: string): Promise<number> =>
      handle(new Request(`http://127.0.0.1${path}`)).then((response) => response.status);
    const stream = await call(1, 'work');
    expect([await said('/healthz'), await said('/readyz')]).toEqual([200, 200]);
    const closed = endpoint.close(30_000);
    expect([await said('/healthz'), await said('/readyz')]).toEqual([200, 503]);
    await gate.open();
    await restOf(stream);
    await closed;
  });

  test('a session can still be ended', async () => {
    await serve();
    const stream = await call(1, 'work');
    const closed = endpoint.close(30_000);
    expect((await raw.send('DELETE', session)).status).toBe(200);
    await restOf(stream);
    await closed;
  });

  test('calls on the streams of 2024-11-05 are let finish', async () => {
    await serve({ httpSse: true });
    const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
    const at = (target: string, init?: RequestInit): Promise<Response> =>
      handle(new Request(`http://127.0.0.1${target}`, init));
    const streams = rawHttp('http://127.0.0.1/sse', (_url, init) => at('/sse', init));
    const stream = await streams.stream('GET', { accept: 'text/event-stream' });
    const target = (await stream.text()).split('data: ')[1] ?? '';
    const post = async (message: JsonObject): Promise<number> => {
      const body = JSON.stringify(message);
      return (await at(target, { method: 'POST', headers: jsonHeaders, body })).status;
    };
    await post(initialize(0, '2024-11-05'));
    await stream.next();
    await post(initialized);
    await post(legacy(1, 'tools/call', { name: 'work' }));
    await gate.reached();
    const closed = endpoint.close(30_000);
    expect(await post(legacy(2, 'ping'))).toBe(503);
    await platform.clock.advance(29_000);
    await gate.open();
    expect(await restOf(stream)).toMatchObject([{ id: 1, result: {} }]);
    await closed;
  });
});

const withForms: JsonObject = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'raw', version: '1' },
  },
};
