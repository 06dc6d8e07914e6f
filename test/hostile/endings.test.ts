/** What has ended stays ended, however slow a store is; and what ends does so once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/connect.js';
import type { McpError } from '../../src/errors.js';
import { createServer } from '../../src/server/index.js';
import { memorySessions } from '../../src/stores/memory.js';
import type { SessionStore, StoredSession } from '../../src/stores/session-store.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  fetchHandler,
  listen,
  type StoreOptions,
} from '../../src/transports/http/index.js';
import { rawHttp, type RawHeaders, type RawHttp } from '../matrix/raw-http.js';
import { createVictim, type Victim } from './victim.js';

let platform: ManualPlatform;
let victim: Victim;
let endpoint: Endpoint;
let raw: RawHttp;

function start(options: EndpointOptions & StoreOptions = {}): void {
  endpoint = createEndpoint(victim.served, { platform, ...options });
  const handle = fetchHandler(endpoint);
  const fetch: typeof globalThis.fetch = (input, init) => handle(new Request(input, init));
  raw = rawHttp('http://127.0.0.1:3000/mcp', fetch);
}

beforeEach(() => {
  platform = manualPlatform();
  victim = createVictim();
});

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const setLevel = { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'error' } };

async function statusOf(session: RawHeaders, message: object = ping): Promise<number> {
  return (await raw.post(message as never, session)).status;
}

describe('a session that was ended', () => {
  let kept: Map<string, StoredSession>;
  let finishDelete: () => void;
  let finishPut: (() => void) | undefined;
  let holdPuts: boolean;

  beforeEach(() => {
    kept = new Map();
    [finishPut, holdPuts] = [undefined, false];
    const deleted = new Promise<void>((resolve) => (finishDelete = resolve));
    const sessions: SessionStore = {
      isShared: false,
      add(session) {
        kept.set(session.hash, structuredClone(session));
        return Promise.resolve('added');
      },
      async replace(session) {
        if (holdPuts) await new Promise<void>((resolve) => (finishPut = resolve));
        if (kept.get(session.hash)?.version !== session.version - 1) return false;
        kept.set(session.hash, structuredClone(session));
        return true;
      },
      touch: () => Promise.resolve(),
      get: (_principal, hash) => Promise.resolve(kept.get(hash)),
      async delete(_principal, hash) {
        await deleted;
        kept.delete(hash);
      },
    };
    start({ store: { sessions } });
  });

  test('is over at once, also for a store that takes its time', async () => {
    const session = await raw.open();
    const deleting = raw.send('DELETE', session);
    expect(await statusOf(session)).toBe(404);
    finishDelete();
    expect((await deleting).status).toBe(200);
    expect([await statusOf(session), await statusOf(session, setLevel), kept.size]).toEqual([
      404, 404, 0,
    ]);
  });

  test('is not brought back by what was still being kept of it', async () => {
    const session = await raw.open();
    holdPuts = true;
    const changing = raw.post(setLevel, session);
    await expect.poll(() => finishPut).toBeDefined();
    const deleting = raw.send('DELETE', session);
    finishDelete();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    finishPut?.();
    await Promise.all([changing, deleting]);
    expect(kept.size).toBe(0);
  });
});

describe('an endpoint that was closed', () => {
  test('opens nothing more, not even for who comes back', async () => {
    start();
    const session = await raw.open();
    const stream = await raw.stream('GET', { accept: 'text/event-stream', ...session });
    const { id = '' } = (await stream.next()) ?? {};
    await endpoint.close(0);
    const back = { accept: 'text/event-stream', ...session, 'last-event-id': id };
    expect((await raw.send('GET', back)).status).toBe(503);
    expect(await statusOf(session, { jsonrpc: '2.0', method: 'notifications/x' })).toBe(503);
    expect(platform.clock.waiting).toBe(0);
  });

  test('is closed once, by whomever, when its calls have ended', async () => {
    start();
    const session = await raw.open();
    const params = { name: 'hold', arguments: {} };
    const held = raw.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, session);
    await victim.holding(1);
    const closings = [endpoint.close(60_000), endpoint.close(60_000)];
    victim.release();
    await Promise.all([held, ...closings]);
    expect(platform.clock.waiting).toBe(0);
  });
});

test('a batch is as much work as what is in it', async () => {
  start({ limits: { loadCrowdMin: 0 } });
  let lag = 0;
  endpoint.watchLoad({ lagMs: () => lag, heapPercent: () => 0, stop: () => undefined });
  const session = await raw.open('2025-03-26');
  const send = async (batch: object[]): Promise<number> =>
    (await raw.send('POST', { ...json, ...session }, JSON.stringify(batch))).status;
  lag = 9999;
  await platform.clock.advance(1000);
  expect(await send([ping])).toBe(503);
  expect(await send([{ jsonrpc: '2.0', method: 'notifications/x' }])).toBe(202);
  lag = 0;
  await platform.clock.advance(1000);
  expect(await send([ping])).toBe(200);
});

test('a notice that a store does not take is no reason to send its batch again', async () => {
  const told: McpError[] = [];
  let fails = false;
  const sessions = memorySessions();
  const replace: SessionStore['replace'] = (session) => {
    if (fails) throw new Error('disk full');
    return sessions.replace(session);
  };
  start({
    store: { sessions: { ...sessions, replace } },
    onError: (error) => void told.push(error),
  });
  const session = await raw.open('2025-03-26');
  fails = true;
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
  const params = { name: 'hold', arguments: {} };
  const hold = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const batch = JSON.stringify([hold, initialized]);
  const answering = raw.send('POST', { ...json, ...session }, batch);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  await victim.holding(1);
  victim.release();
  const { status, text } = await answering;
  expect([status, JSON.parse(text)]).toMatchObject([200, [{ id: 1, result: {} }]]);
});

test('memory that runs out takes the readers first to which nothing was said for longest', async () => {
  start({ limits: { keepAliveMs: 3_600_000 } });
  let heap = 0;
  endpoint.watchLoad({ lagMs: () => 0, heapPercent: () => heap, stop: () => undefined });
  const get = async (session: RawHeaders): ReturnType<RawHttp['stream']> =>
    raw.stream('GET', { accept: 'text/event-stream', ...session });
  const [one, other] = [await raw.open(), await raw.open()];
  const quiet = await get(one);
  await platform.clock.advance(1000);
  const newer = await get(other);
  for (const stream of [quiet, newer]) await stream.next();
  heap = 95;
  await platform.clock.advance(500);
  expect(await quiet.next()).toBeUndefined();
  heap = 0;
  newer.cut();
  expect((await get(one)).status, 'it may come back').toBe(200);
});

test('calls over the streams of 2024 take places like all others', async () => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const server = createServer({ name: 's', version: '1' });
  let running = 0;
  server.tool('hold', {}, async () => {
    running++;
    await held;
    return '';
  });
  const listening = await listen(server, { httpSse: true, limits: { callsInFlightMax: 2 } });
  const url = listening.url.replace('/mcp', '/sse');
  const clients = [await connect(url), await connect(url)];
  const calls = clients.flatMap((client) => [
    client.callTool('hold', {}),
    client.callTool('hold', {}),
  ]);
  const settled = Promise.allSettled(calls);
  await expect.poll(() => running).toBe(2);
  const refused = calls.map((call) =>
    call.then(
      () => 'done',
      (error: unknown) => (error as McpError).kind,
    ),
  );
  await Promise.any(refused.map(async (one) => ((await one) === 'tooManyRequests' ? one : never)));
  letGo();
  await settled;
  expect((await Promise.all(refused)).sort()).toEqual([
    'done',
    'done',
    'tooManyRequests',
    'tooManyRequests',
  ]);
  expect(await clients[0]!.callTool('hold', {})).toMatchObject({ content: [{ text: '' }] });
  await Promise.all(clients.map((client) => client.close()));
  await listening.close();
});

const never = new Promise<string>(() => undefined);
const json = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
