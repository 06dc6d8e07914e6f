/** Readers of a stream that another node writes, and the times that two nodes judge by. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import type { EventStore } from '../../src/stores/event-store.js';
import { memoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import {
  manualPlatform,
  type ManualPlatform,
  memoryNodes,
  type MemoryNodes,
} from '../../src/testing/index.js';
import { createEndpoint, fetchHandler } from '../../src/transports/http/index.js';
import { jsonHeaders, type RawHeaders, type RawHttp, rawHttp, type RawStream } from './raw-http.js';

type Handler = (request: Request) => Promise<Response>;

const limits = resolveLimits();
const large = 'x'.repeat(100_000);

let platform: ManualPlatform;
let nodes: MemoryNodes;
let shared: ServerStore;
let release: () => void;
let released: Promise<void>;
let current: Handler;
let raw: RawHttp;

/** A node whose events come by `events`, where that is given. */
function startNode(name: string, events: Partial<EventStore> = {}, clock = platform): Handler {
  const server: Server = createServer({ name: 's', version: '1', platform: clock });
  server.tool('work', {}, async (_args, call) => {
    await call.progress(1);
    await released;
    return 'done';
  });
  server.tool('fill', {}, async (_args, call) => {
    await call.progress(1);
    await released;
    for (let done = 2; done <= 31; done++) void call.progress(done, { message: large });
    await new Promise<void>((resolve) =>
      call.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    return 'done';
  });
  const store = { ...shared, cluster: nodes.join(name), events: { ...shared.events, ...events } };
  const endpoint = createEndpoint(server, {
    platform: clock,
    store,
    limits: { serverCallMs: Infinity },
  });
  return fetchHandler(endpoint, { clientAddress: 'unknown' });
}

beforeEach(() => {
  platform = manualPlatform();
  nodes = memoryNodes();
  released = new Promise((resolve) => (release = resolve));
  const memory = memoryStore(limits, platform);
  shared = { ...memory, sessions: { ...memory.sessions, isShared: true } };
  raw = rawHttp('http://127.0.0.1:3000/mcp', (input, init) => current(new Request(input, init)));
});

/** Turns to the node that is spoken to; event ids keep their short names across nodes. */
function at(node: Handler): RawHttp {
  current = node;
  return raw;
}

const request = (id: number, method: string, params: object = {}): never =>
  ({ jsonrpc: '2.0', id, method, params }) as never;

async function begin(node: Handler, session: RawHeaders, name = 'work'): Promise<RawStream> {
  const params = { name, arguments: {}, _meta: { progressToken: 7 } };
  const headers = { ...jsonHeaders, ...session };
  return at(node).stream('POST', headers, request(7, 'tools/call', params));
}

async function get(node: Handler, session: RawHeaders, place: string): Promise<RawStream> {
  const sse = { accept: 'text/event-stream', 'last-event-id': place };
  return at(node).stream('GET', { ...sse, ...session });
}

async function status(node: Handler, session: RawHeaders): Promise<number> {
  return (await at(node).post(request(99, 'ping'), session)).status;
}

/** A call that runs at `node`, whose reader has had the first notice and is gone. */
async function leave(node: Handler, session: RawHeaders, name?: string): Promise<string> {
  const stream = await begin(node, session, name);
  await stream.next();
  const { id = '' } = (await stream.next())!;
  stream.cut();
  return id;
}

describe('what another node writes', () => {
  test('is read on when the store was away for a moment', async () => {
    let away: boolean = false;
    const state: EventStore['state'] = async (key) => {
      if (away) throw new Error('away');
      return shared.events.state(key);
    };
    const [a, b] = [startNode('a'), startNode('b', { state, outageMs: limits.storeOutageMs })];
    const session = await at(a).open();
    const place = await leave(a, session);
    const reader = await get(b, session, place);
    expect(await reader.next()).toMatchObject({ id: place, retry: limits.retryMs });
    away = true;
    await platform.clock.advance(limits.writerCheckMs);
    await platform.clock.advance(limits.storeOutageMs - limits.storeRetryMs);
    away = false;
    release();
    await platform.clock.advance(limits.storeRetryMs);
    await platform.clock.advance(limits.writerCheckMs);
    expect(await reader.next()).toMatchObject({ message: { id: 7, result: {} } });
  });

  test('is let go when the store stays away', async () => {
    let away: boolean = false;
    const state: EventStore['state'] = async (key) => {
      if (away) throw new Error('away');
      return shared.events.state(key);
    };
    const [a, b] = [startNode('a'), startNode('b', { state, outageMs: limits.storeOutageMs })];
    const session = await at(a).open();
    const reader = await get(b, session, await leave(a, session));
    await reader.next();
    away = true;
    await platform.clock.advance(limits.writerCheckMs + limits.storeOutageMs + 1000);
    expect(await reader.next()).toBeUndefined();
  });

  test('leaves nothing behind when it cannot be watched', async () => {
    let away: boolean = false;
    const watch: EventStore['watch'] = async (key, changed) => {
      if (away) throw new Error('away');
      return shared.events.watch(key, changed);
    };
    const [a, b] = [startNode('a'), startNode('b', { watch })];
    const session = await at(a).open();
    const place = await leave(a, session);
    away = true;
    expect((await get(b, session, place)).status).toBeGreaterThanOrEqual(500);
    away = false;
    release();
    for (let count = 0; count < 4; count++) await platform.clock.advance(limits.sessionIdleMs / 2);
    expect(await status(b, session)).toBe(404);
  });

  test('is not read ahead of a reader that takes nothing', async () => {
    let readBytes = 0;
    const after: EventStore['after'] = async (...asked) => {
      const events = await shared.events.after(...asked);
      for (const { data } of events ?? []) readBytes += data.length;
      return events;
    };
    const [a, b] = [startNode('a'), startNode('b', { after })];
    const session = await at(a).open();
    const place = await leave(a, session, 'fill');
    release();
    const whole = 30 * large.length;
    const reader = await get(b, session, place);
    // The places of its readers are looked at by then, and what there was room for was read.
    await platform.clock.advance(limits.writerCheckMs);
    expect(readBytes).toBeGreaterThan(0);
    expect(readBytes).toBeLessThan(whole / 3);
    await reader.next();
    for (let done = 2; done <= 31; done++) {
      expect(await reader.next()).toMatchObject({ message: { params: { progress: done } } });
    }
    reader.cut();
  });
});

describe('the times of a session', () => {
  test('do not run out at other nodes while one works for it', async () => {
    const [a, b] = [startNode('a'), startNode('b')];
    const session = await at(a).open();
    const stream = await begin(a, session);
    await stream.next();
    await stream.next();
    for (let ms = 0; ms <= 2 * limits.sessionIdleMs; ms += limits.sweepMs) {
      await platform.clock.advance(limits.sweepMs);
    }
    expect(await status(b, session)).toBe(200);
    stream.cut();
  });

  test('are judged by clocks that are apart', async () => {
    const ahead = manualPlatform();
    await ahead.clock.advance(2 * limits.tokenSkewMs);
    const [a, b] = [startNode('a'), startNode('b', {}, ahead)];
    const params = { capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const hello = request(0, 'initialize', { ...params, protocolVersion: '2025-11-25' });
    const { headers } = await at(a).post(hello);
    const session = { 'mcp-session-id': headers.get('mcp-session-id')! };
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    expect((await at(b).post(initialized, session)).status).toBe(202);
    expect(await status(a, session)).toBe(200);
  });
});
