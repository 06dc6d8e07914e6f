/** Sessions and streams outlive the endpoint that began them, as far as their stores do. */
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import { createServer, type Server } from '../../src/index.js';
import type { EventStore } from '../../src/stores/event-store.js';
import { memoryEvents } from '../../src/stores/memory-events.js';
import { memorySessions } from '../../src/stores/memory.js';
import type { SessionStore, StoredSession } from '../../src/stores/session-store.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  fetchHandler,
  type StoreOptions,
} from '../../src/transports/http/index.js';
import { type RawHeaders, type RawHttp, rawHttp, type RawStream } from './raw-http.js';
import { letIn } from '../let-in.js';

const url = 'http://127.0.0.1:3000/mcp';
const sse = { accept: 'text/event-stream' };

let platform: ManualPlatform;
let store: { sessions: SessionStore; events: EventStore };
let put: StoredSession[];
let touched: number[];
let server: Server;
let endpoint: Endpoint;
let handle: (request: Request) => Promise<Response>;
let raw: RawHttp;
let finish: () => void;

/** A new endpoint over the same stores, as after a restart; `raw` talks to it from now on. */
function start(options: EndpointOptions & StoreOptions = {}): void {
  endpoint = createEndpoint(server, { store, platform, ...options });
  handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
}

beforeEach(() => {
  platform = manualPlatform();
  const sessions = memorySessions();
  [put, touched] = [[], []];
  // As a store on a disk would keep it.
  const copied = (session: StoredSession): StoredSession => {
    put.push(structuredClone(session));
    return structuredClone(session);
  };
  store = {
    sessions: {
      ...sessions,
      add: (session, room) => sessions.add(copied(session), room),
      replace: (session) => sessions.replace(copied(session)),
      touch(principal, hash, lastSeenAt) {
        touched.push(lastSeenAt);
        return sessions.touch(principal, hash, lastSeenAt);
      },
    },
    events: memoryEvents(resolveLimits(), platform.clock),
  };
  server = createServer({ name: 's', version: '1', platform });
  const finished = new Promise<void>((resolve) => (finish = resolve));
  server.tool('work', {}, async (_args, call) => {
    await call.progress(1);
    await finished;
    return 'done';
  });
  server.tool('who', {}, (_args, { peer }) => `${peer.clientInfo?.name} ${peer.logLevel}`);
  server.resource('test://r', {}, () => 'r');
  start();
  raw = rawHttp(url, (input, init) => handle(new Request(input, init)));
});

const call = (id: number, name: string): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {}, _meta: { progressToken: id } },
});
const request = (id: number, method: string, params: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

async function resume(session: RawHeaders, place: string): Promise<RawStream> {
  return raw.stream('GET', { ...sse, ...session, 'last-event-id': place });
}

describe('after a restart', () => {
  test('a session goes on with what was chosen in it', async () => {
    const session = await raw.open();
    await raw.post(request(1, 'logging/setLevel', { level: 'error' }) as never, session);
    await endpoint.close();
    start();
    const { status, text } = await raw.post(call(2, 'who') as never, session);
    expect(status).toBe(200);
    expect(text).toMatch(/"text":"\S+ error"/);
  });

  test('nobody else can go on with it, and no id is in the store', async () => {
    const names = { one: 'alice', two: 'bob' } as const;
    const auth = letIn((token) => names[token as keyof typeof names]);
    start({ auth, publicUrl: 'http://127.0.0.1/mcp' });
    const session = await raw.open('2025-11-25', { authorization: 'Bearer one' });
    await endpoint.close();
    start({ auth, publicUrl: 'http://127.0.0.1/mcp' });
    const ping = request(1, 'ping') as never;
    expect((await raw.post(ping, { ...session, authorization: 'Bearer two' })).status).toBe(404);
    expect((await raw.post(ping, { ...session, authorization: 'Bearer one' })).status).toBe(200);
    expect(put.length).toBeGreaterThan(0);
    expect(JSON.stringify(put)).not.toContain(session['mcp-session-id']);
  });

  test('watched resources are told of again', async () => {
    const session = await raw.open();
    await raw.post(request(1, 'resources/subscribe', { uri: 'test://r' }) as never, session);
    await endpoint.close();
    start();
    const stream = await raw.stream('GET', { ...sse, ...session });
    expect(await stream.next()).toMatchObject({ retry: 1000 });
    server.resourceUpdated('test://r');
    expect(await stream.next()).toMatchObject({ message: { params: { uri: 'test://r' } } });
    stream.cut();
  });

  test('the stream of GET goes on where it was', async () => {
    const session = await raw.open();
    const stream = await raw.stream('GET', { ...sse, ...session });
    const { id = '' } = (await stream.next()) ?? {};
    server.tool('more', {}, () => '');
    expect(await stream.next()).toMatchObject({ id: 's1-1', message: {} });
    await endpoint.close();
    start();
    const again = await resume(session, id);
    expect(await again.next()).toMatchObject({ id: 's1-1', message: {} });
    for (const seq of [2, 3]) expect(await again.next()).toMatchObject({ id: `s1-${seq}` });
    server.tool('more2', {}, () => '');
    expect(await again.next()).toMatchObject({ id: 's1-4', message: {} });
    again.cut();
  });

  test('whoever comes back with a place takes the stream of GET over', async () => {
    const session = await raw.open();
    const old = await raw.stream('GET', { ...sse, ...session });
    await old.next();
    server.tool('more', {}, () => '');
    expect(await old.next()).toMatchObject({ id: 's1-1', message: {} });
    await endpoint.close();
    start();
    const standing = await raw.stream('GET', { ...sse, ...session });
    // Nobody knows what has changed while nobody listened.
    const changed = ['tools', 'resources'].map((list, at) => ({
      id: `s1-${at + 2}`,
      message: { method: `notifications/${list}/list_changed` },
    }));
    for (const change of changed) expect(await standing.next()).toMatchObject(change);
    const again = await resume(session, 's1-0');
    expect(await again.next()).toMatchObject({ id: 's1-1', message: {} });
    for (const change of changed) expect(await again.next()).toMatchObject(change);
    expect(await standing.next()).toBeUndefined();
    server.tool('evenMore', {}, () => '');
    expect(await again.next()).toMatchObject({ id: 's1-4', message: {} });
    again.cut();
  });

  test('a call that was running ends, once, as one whose outcome nobody knows', async () => {
    const session = await raw.open();
    const stream = await raw.stream('POST', { ...json, ...session }, call(7, 'work') as never);
    await stream.next();
    expect(await stream.next()).toMatchObject({ id: 's1-1' });
    // Killed: what it still had to say is never kept.
    start();
    for (const place of ['s1-1', 's1-1', 's1-0']) {
      const again = await resume(session, place);
      const events = [];
      for (let one = await again.next(); one; one = await again.next()) events.push(one);
      const progress = { id: 's1-1', message: { method: 'notifications/progress' } };
      const end = { id: 's1-2', message: { id: 7, error: { code: 520 } } };
      expect(events).toMatchObject(place === 's1-0' ? [progress, end] : [end]);
    }
  });

  test('a call that was answered while nobody read has its answer', async () => {
    const session = await raw.open();
    const stream = await raw.stream('POST', { ...json, ...session }, call(7, 'work') as never);
    await stream.next();
    await stream.next();
    stream.cut();
    finish();
    await endpoint.close();
    start();
    const again = await resume(session, 's1-1');
    expect(await again.next()).toMatchObject({ message: { id: 7, result: {} } });
    expect(await again.next()).toBeUndefined();
  });

  test('a session that has ended, in whatever way, has ended', async () => {
    const [deleted, expired] = [await raw.open(), await raw.open()];
    expect((await raw.send('DELETE', deleted)).status).toBe(200);
    await endpoint.close();
    start();
    const ping = request(1, 'ping') as never;
    expect((await raw.post(ping, deleted)).status).toBe(404);
    expect((await raw.post(ping, expired)).status).toBe(200);
    await endpoint.close();
    start();
    await platform.clock.advance(30 * 60_000 + 1);
    expect((await raw.post(ping, expired)).status).toBe(404);
  });
});

test('requests that revive one session at once find one', async () => {
  const session = await raw.open();
  await endpoint.close();
  start();
  const held = Array.from({ length: 5 }, (_, id) => raw.post(call(id, 'work') as never, session));
  finish();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  // One id in flight is one of the session, not of one of its copies.
  const gets = [
    await raw.stream('GET', { ...sse, ...session }),
    await raw.send('GET', { ...sse, ...session }),
  ];
  expect(gets.map(({ status }) => status)).toEqual([200, 409]);
});

test('a store knows of the last use, roughly, and is not told of each', async () => {
  const session = await raw.open();
  for (let minute = 0; minute < 12; minute++) {
    await raw.post(request(minute, 'ping') as never, session);
    await platform.clock.advance(60_000);
  }
  expect(touched.length).toBeLessThanOrEqual(4);
  expect(platform.clock.now() - touched.at(-1)!).toBeLessThanOrEqual(4 * 60_000);
});

const json = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
