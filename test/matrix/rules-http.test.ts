/** Rules of what a server answers over HTTP, to requests as they are. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import {
  type Host,
  hostServer,
  manualPlatform,
  type ManualPlatform,
} from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { createGate, type Gate } from './gate.js';
import {
  jsonHeaders,
  type RawEvent,
  type RawHeaders,
  type RawHttp,
  rawHttp,
  type RawStream,
} from './raw-http.js';
import { initialize, initialized, legacy, modern, modernMeta } from './raw-pipe.js';

const sse = { accept: 'text/event-stream' };
const version = { 'mcp-protocol-version': '2026-07-28' };

describe.each(['http', 'web'] as const)('over %s', (transport) => {
  let platform: ManualPlatform;
  let server: Server;
  let host: Host;
  let raw: RawHttp;
  let gate: Gate;

  beforeEach(async () => {
    platform = manualPlatform();
    gate = createGate();
    server = createServer({ name: 'rules', version: '1.0.0', platform });
    server.tool('echo', {}, () => 'echo');
    server.tool('work', {}, async (_args, call) => {
      await call.progress(1);
      await gate.pass();
      await call.progress(2);
      return 'done';
    });
    host = await hostServer(transport, server, { platform });
    raw = rawHttp(host.url!, host.fetch!);
  });

  afterEach(async () => {
    gate.openAll();
    await host.close();
    expect(platform.clock.waiting).toBe(0);
  });

  const withToken = (progressToken: number): object => ({ ...modernMeta, progressToken });
  const modernHeaders = (method: string, name?: string): RawHeaders => ({
    ...jsonHeaders,
    ...version,
    'mcp-method': method,
    ...(name === undefined ? {} : { 'mcp-name': name }),
  });
  const work = {
    modern: (id: number): Promise<RawStream> =>
      raw.stream('POST', modernHeaders('tools/call', 'work'), {
        ...legacy(id, 'tools/call', { name: 'work', _meta: withToken(id) }),
      }),
    legacy: (id: number, session: RawHeaders): Promise<RawStream> =>
      raw.stream(
        'POST',
        { ...jsonHeaders, ...session },
        {
          ...legacy(id, 'tools/call', { name: 'work', _meta: { progressToken: id } }),
        },
      ),
  };
  const rest = async (stream: RawStream): Promise<RawEvent[]> => {
    const events: RawEvent[] = [];
    for (let one = await stream.next(); one !== undefined; one = await stream.next()) {
      if (one.message !== undefined) events.push(one);
    }
    return events;
  };
  const whose = ({ message }: RawEvent): unknown =>
    message?.['id'] ??
    (message?.['params'] as { progressToken: number } | undefined)?.progressToken;

  cites('session/one-endpoint', 'session/get-stream-or-405', 'http/post-endpoint');
  test('one path takes POST, and GET for sessions', async () => {
    expect((await raw.post(modern(1, 'tools/list'))).status).toBe(200);
    const session = await raw.open();
    const stream = await raw.stream('GET', { ...sse, ...session });
    expect([stream.status, stream.header('content-type')]).toEqual([200, 'text/event-stream']);
    stream.cut();
  });

  cites('session/one-message');
  test('a body is one message', async () => {
    const session = await raw.open('2025-11-25');
    const two = `[${JSON.stringify(legacy(1, 'ping'))},${JSON.stringify(legacy(2, 'ping'))}]`;
    expect((await raw.post(two, session)).status).toBe(400);
  });

  cites('http/stream-of-its-request', 'http/stream-ends', 'session/related-only');
  cites('session/stream-ends', 'session/one-stream-each');
  test('a stream carries what is of its request, and ends with the answer', async () => {
    const session = await raw.open();
    const streams = [
      await work.modern(1),
      await work.modern(2),
      await work.legacy(3, session),
      await work.legacy(4, session),
    ];
    for (const _ of streams) await gate.reached();
    for (const _ of streams) await gate.open();
    for (const [at, stream] of streams.entries()) {
      const events = await rest(stream);
      expect(events.map(whose)).toEqual([at + 1, at + 1, at + 1]);
      expect(events.at(-1)?.message).toHaveProperty('result');
    }
  });

  cites('http/no-buffering', 'http/no-last-event-id', 'http/no-sessions');
  test('a stream has no session and no event ids, and is not buffered', async () => {
    const old = { 'mcp-session-id': 'made-up', 'last-event-id': 's1-1' };
    const stream = await raw.stream(
      'POST',
      { ...modernHeaders('tools/call', 'work'), ...old },
      {
        ...legacy(1, 'tools/call', { name: 'work', _meta: withToken(1) }),
      },
    );
    expect([stream.status, stream.header('x-accel-buffering')]).toEqual([200, 'no']);
    expect(stream.header('mcp-session-id')).toBeUndefined();
    await gate.open();
    const events = await rest(stream);
    expect(events).toHaveLength(3);
    for (const event of events) expect(event).not.toHaveProperty('id');
  });

  cites('http/notice-refused');
  test('a notification that is not taken is refused', async () => {
    for (const [body, headers] of [
      ['{"jsonrpc":"2.0"}', version],
      [initialized, { 'mcp-session-id': 'nobody' }],
      [initialized, {}],
    ] as const) {
      const { status } = await raw.post(body, headers);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  cites('headers/base64-decoded', 'headers/blanks', 'headers/case');
  test('a header is compared as what it means', async () => {
    const name = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    const call = modern(1, 'tools/call', { name: 'echo' });
    for (const header of ['echo', ' \techo\t ', name]) {
      expect((await raw.post(call, { 'mcp-name': header })).status, header).toBe(200);
    }
    const shouted = Object.entries(modernHeaders('tools/call', 'echo')).map(
      ([header, value]) => [header.toUpperCase(), value] as const,
    );
    expect((await raw.send('POST', Object.fromEntries(shouted), call)).status).toBe(200);
    for (const header of ['ECHO', name.toUpperCase()]) {
      expect((await raw.post(call, { 'mcp-name': header })).status, header).toBe(400);
    }
  });

  cites('status/capability');
  test('a capability that is missing is a bad request', async () => {
    server.tool('roots', {}, async (_args, { ask }) => (await ask.roots()).length.toString());
    const { status, messages } = await raw.post(modern(1, 'tools/call', { name: 'roots' }));
    expect(status).toBe(400);
    expect(messages).toMatchObject([
      { id: 1, error: { code: -32021, data: { requiredCapabilities: { roots: {} } } } },
    ]);
  });

  cites('session/questions-tied', 'session/accepted');
  test('a question comes on the stream of the call that asks', async () => {
    server.tool('roots', {}, async (_args, { ask }) => (await ask.roots()).length.toString());
    const { headers } = await raw.post({
      ...initialize(0),
      params: {
        protocolVersion: '2025-11-25',
        capabilities: { roots: {} },
        clientInfo: { name: 'raw', version: '1' },
      },
    });
    const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
    await raw.post(initialized, session);
    const standing = await raw.stream('GET', { ...sse, ...session });
    await standing.next();
    const call = legacy(1, 'tools/call', { name: 'roots' });
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, call);
    await stream.next();
    const question = (await stream.next())?.message;
    expect(question).toMatchObject({ method: 'roots/list' });
    const answer = { jsonrpc: '2.0', id: question?.['id'], result: { roots: [] } };
    expect((await raw.post(answer as never, session)).status).toBe(202);
    expect((await stream.next())?.message).toMatchObject({ id: 1, result: {} });
    server.tool('more', {}, () => '');
    expect((await standing.next())?.message).toMatchObject({
      method: 'notifications/tools/list_changed',
    });
    standing.cut();
  });

  cites('session/stays-open');
  test('before 2025-11-25 a stream stays open until its answer', async () => {
    server.tool('poll', {}, async (_args, call) => {
      await call.progress(1);
      call.detach({ retryMs: 1000 });
      await gate.pass();
      return 'done';
    });
    const session = await raw.open('2025-06-18');
    const params = { name: 'poll', _meta: { progressToken: 1 } };
    const message = legacy(1, 'tools/call', params);
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, message);
    await gate.open();
    expect((await rest(stream)).at(-1)?.message).toMatchObject({ id: 1, result: {} });
  });

  cites(
    'listen/acknowledged-first',
    'listen/subscription-id',
    'listen/id-type',
    'listen/result-id',
  );
  cites('listen/no-progress', 'listen/several', 'listen/server-ends');
  test('a stream of changes begins with what is honoured, and carries its id', async () => {
    const params = { notifications: { toolsListChanged: true, promptsListChanged: true } };
    const key = 'io.modelcontextprotocol/subscriptionId';
    const streams = await Promise.all(
      [7, '7'].map((id) =>
        raw.stream(
          'POST',
          modernHeaders('subscriptions/listen'),
          modern(id, 'subscriptions/listen', params),
        ),
      ),
    );
    const busy = await work.modern(1);
    await gate.open();
    await rest(busy);
    server.tool('more', {}, () => '');
    await host.wire.until(
      ({ message }) => message?.['method'] === 'notifications/tools/list_changed',
    );
    await host.close();
    for (const [at, id] of [7, '7'].entries()) {
      expect((await rest(streams[at]!)).map(({ message }) => message)).toMatchObject([
        {
          method: 'notifications/subscriptions/acknowledged',
          params: { notifications: { toolsListChanged: true }, _meta: { [key]: id } },
        },
        { method: 'notifications/tools/list_changed', params: { _meta: { [key]: id } } },
        { id, result: { resultType: 'complete', _meta: { [key]: id } } },
      ]);
    }
  });
});

describe('the two endpoints of 2024-11-05', () => {
  cites('sse/two-endpoints', 'sse/endpoint-first', 'sse/answers-on-stream', 'sse/origin');
  test('the first event names the second endpoint, whose answers are events', async () => {
    const platform = manualPlatform();
    const server = createServer({ name: 'old', version: '1.0.0', platform });
    const host = await hostServer('http-sse', server, { platform });
    const stream = await rawHttp(host.url!, host.fetch!).stream('GET', sse);
    const first = (await stream.text()).split('\n');
    expect([stream.status, first[0]]).toEqual([200, 'event: endpoint']);
    const foreign = { origin: 'https://evil.example' };
    expect((await host.fetch!(host.url!, { headers: { ...sse, ...foreign } })).status).toBe(403);
    const target = new URL(first[1]!.slice('data: '.length), host.url);
    const body = JSON.stringify(initialize(1, '2024-11-05'));
    const post = (headers: RawHeaders): Promise<Response> =>
      host.fetch!(target, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body });
    expect((await post(foreign)).status).toBe(403);
    const response = await post({});
    expect([response.status, await response.text()]).toEqual([202, '']);
    const [event, data] = (await stream.text()).split('\n');
    expect(event).toBe('event: message');
    expect(JSON.parse(data!.slice('data: '.length))).toMatchObject({
      id: 1,
      result: { protocolVersion: '2024-11-05' },
    });
    stream.cut();
    await host.close();
  });
});
