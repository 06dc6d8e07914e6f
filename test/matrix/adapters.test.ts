/** An endpoint in the apps of others: what they can break, and what must not break them. */
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { once } from 'node:events';
import { connect as connectHttp2, createServer as http2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, createServer, type Server } from '../../src/index.js';
import {
  createEndpoint,
  type Endpoint,
  expressHandler,
  fastifyPlugin,
  fetchHandler,
  honoHandler,
} from '../../src/transports/http/index.js';
import { Line } from '../hostile/raw-http.js';
import { letIn } from '../let-in.js';
import { createGate, type Gate } from './gate.js';
import { frameworks, honoAt, type Mounted, mountedAt } from './mounted.js';
import { jsonHeaders, rawHttp } from './raw-http.js';
import { modern } from './raw-pipe.js';

let server: Server;
let gate: Gate;
let endpoint: Endpoint;
let mounted: Mounted | undefined;
/** Resolves when the signal of a call has aborted. */
let aborted: Promise<void>;

beforeEach(() => {
  gate = createGate();
  server = createServer({ name: 'mounted', version: '1.0.0' });
  let abort = (): void => undefined;
  aborted = new Promise((resolve) => (abort = resolve));
  server.tool('look', {}, () => 'seen');
  server.tool('work', {}, async (_args, call) => {
    call.signal.addEventListener('abort', abort);
    for (let n = 1; n <= 3; n++) {
      await call.progress(n);
      await gate.pass();
    }
    return 'done';
  });
  server.tool('wait', {}, async (_args, call) => {
    call.signal.addEventListener('abort', abort);
    await gate.pass();
    return 'waited';
  });
  endpoint = createEndpoint(server, { limits: { retryMs: 100 } });
});

afterEach(async () => {
  gate.openAll();
  await endpoint.close(0);
  mounted?.cut();
  await mounted?.close();
  mounted = undefined;
});

describe.each(Object.keys(frameworks))('in %s', (name) => {
  let url: string;

  beforeEach(async () => {
    mounted = await frameworks[name]!(endpoint);
    url = `${mounted.origin}/mcp`;
  });

  test.each(['modern', 'legacy'] as const)('each event arrives by itself: %s', async (era) => {
    await using client = await connect(url, { era });
    const seen: number[] = [];
    // Only what has arrived lets the call go on.
    const onProgress = ({ done }: { done: number }): void => {
      seen.push(done);
      void gate.open();
    };
    const result = await client.callTool('work', {}, { onProgress });
    expect(result.content).toMatchObject([{ text: 'done' }]);
    expect(seen).toEqual([1, 2, 3]);
  });

  test.each(['work', 'wait'])('who goes cancels: %s', async (tool) => {
    await using client = await connect(url, { era: 'modern' });
    const leaver = new AbortController();
    const progress = tool === 'work' ? { onProgress: () => leaver.abort() } : {};
    const call = client.callTool(tool, {}, { signal: leaver.signal, ...progress });
    const failed = expect(call).rejects.toMatchObject({ kind: 'cancelled' });
    if (tool === 'wait') void gate.reached().then(() => leaver.abort());
    await failed;
    await aborted;
  });

  test('a session goes on where its connection was cut', async () => {
    await using client = await connect(url, { era: 'legacy' });
    const seen: number[] = [];
    const onProgress = ({ done }: { done: number }): void => {
      seen.push(done);
      if (done === 2) mounted!.cut();
      void gate.open();
    };
    const call = client.callTool('work', {}, { onProgress });
    expect((await call).content).toMatchObject([{ text: 'done' }]);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('closing lets a call finish, ends the streams, and then the app is closed', async () => {
    const raw = rawHttp(url, fetch);
    const session = await raw.open();
    const stream = await raw.stream('GET', { accept: 'text/event-stream', ...session });
    await using client = await connect(url, { era: 'modern' });
    const call = client.callTool('wait');
    await gate.reached();
    const closed = mounted!.close();
    void gate.open();
    expect((await call).content).toMatchObject([{ text: 'waited' }]);
    while ((await stream.next()) !== undefined);
    await closed;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    mounted = undefined;
  });

  test('a body behind a refusal does not hang, nor is it taken for a request', async () => {
    const body = 'x'.repeat(300_000);
    const line = await Line.to(mounted!.port);
    const head = (host: string, length: number): string =>
      `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\n\r\n`;
    line.write(head('evil.example', body.length) + body.slice(1000));
    expect((await line.answer())?.status).toBe(403);
    line.write(body.slice(0, 1000) + head('evil.example', 0));
    // Some hosts close, and some read to the end.
    expect([403, undefined]).toContain((await line.answer())?.status);
    line.hangUp();
  });

  test('the rest of the app is as it was', async () => {
    const answer = await fetch(`${mounted!.origin}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await answer.json()).toEqual({ a: 1 });
    const other = await fetch(`${mounted!.origin}/other`, { method: 'POST' });
    expect(other.status).toBe(404);
    expect(await other.text()).not.toContain('jsonrpc');
  });

  test.each(['PROPFIND', 'QUERY', 'OPTIONS', 'PUT'])(
    '%s is refused in our words',
    async (method) => {
      const answer = await fetch(url, { method, headers: { 'content-type': 'no type' } });
      expect(answer.status).toBe(405);
      expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', error: { code: 405 } });
      expect(answer.headers.has('x-powered-by')).toBe(false);
    },
  );
});

describe('a body parser that was there first', () => {
  const look = (url: string): Promise<unknown> =>
    connect(url, { era: 'modern' }).then((client) => client.callTool('look'));
  const wasRead = { message: expect.stringContaining('before any body parser') as unknown };

  test('of Express is named in the error', async () => {
    const app = express().use(express.json()).use('/mcp', expressHandler(endpoint));
    mounted = await mountedAt(app.listen(0, '127.0.0.1'), endpoint);
    await expect(look(`${mounted.origin}/mcp`)).rejects.toMatchObject(wasRead);
  });

  const reading = (): Hono => {
    const app = new Hono().use(async (context, next) => {
      await context.req.json();
      await next();
    });
    return app.all('/mcp', honoHandler(endpoint));
  };

  test('of Hono is named in the error', async () => {
    mounted = await mountedAt(honoAt(reading().fetch), endpoint);
    await expect(look(`${mounted.origin}/mcp`)).rejects.toMatchObject(wasRead);
  });

  test('of Hono is named in the error where there is no Node', async () => {
    const init = { method: 'POST', headers: lookHeaders, body: lookBody };
    const answer = await reading().request('http://localhost/mcp', init);
    expect(await answer.json()).toMatchObject({ error: wasRead });
  });

  test('of Fastify is not: the plugin comes before all of them', async () => {
    const app = fastify();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => {
      done(new Error('not mine'));
    });
    await app.register(fastifyPlugin(endpoint));
    await app.listen({ port: 0, host: '127.0.0.1' });
    mounted = { ...(await mountedAt(app.server, endpoint)), close: () => app.close() };
    expect(await look(`${mounted.origin}/mcp`)).toMatchObject({ content: [{ text: 'seen' }] });
  });
});

describe('under a prefix the path of the endpoint is the whole path', () => {
  beforeEach(() => {
    endpoint = createEndpoint(server, { path: '/api/mcp' });
  });

  /** What is heard at the whole path, and behind it. */
  const ask = async ({ origin }: Mounted): Promise<unknown> => {
    await using client = await connect(`${origin}/api/mcp`, { era: 'modern' });
    const { content } = await client.callTool('look');
    const other = await fetch(`${origin}/api/mcp/more`, { method: 'POST' });
    return { content, other: await other.json() };
  };
  const answered = {
    content: [{ text: 'seen' }],
    other: { error: { code: 404, message: 'Not found; use /api/mcp' } },
  };

  test('in Express', async () => {
    const router = express.Router().use('/mcp', expressHandler(endpoint));
    const app = express().use('/api', router);
    mounted = await mountedAt(app.listen(0, '127.0.0.1'), endpoint);
    expect(await ask(mounted)).toMatchObject(answered);
  });

  test.each(['', '/api', '/api/mcp'])('in Fastify below "%s"', async (prefix) => {
    const app = fastify();
    await app.register(fastifyPlugin(endpoint), { prefix });
    await app.listen({ port: 0, host: '127.0.0.1' });
    mounted = { ...(await mountedAt(app.server, endpoint)), close: () => app.close() };
    expect(await ask(mounted)).toMatchObject(answered);
  });

  test('in Fastify below another it does not start, and says what to do', async () => {
    const app = fastify();
    const registered = app.register(fastifyPlugin(endpoint), { prefix: '/v1' }).ready();
    await expect(registered).rejects.toThrow('register the plugin without a prefix');
  });

  test('in Hono', async () => {
    const inner = new Hono().all('/mcp/*', honoHandler(endpoint));
    const app = new Hono().route('/api', inner.all('/mcp', honoHandler(endpoint)));
    mounted = await mountedAt(honoAt(app.fetch), endpoint);
    expect(await ask(mounted)).toMatchObject(answered);
  });
});

test('middleware of Hono that sets headers disturbs no stream', async () => {
  const app = new Hono().use(cors(), secureHeaders());
  app.all('/mcp', honoHandler(endpoint));
  mounted = await mountedAt(honoAt(app.fetch), endpoint);
  await using client = await connect(`${mounted.origin}/mcp`, { era: 'modern' });
  const onProgress = (): void => void gate.open();
  const result = await client.callTool('work', {}, { onProgress });
  expect(result.content).toMatchObject([{ text: 'done' }]);
});

test('Hono serves HTTP/2 as well, behind the same guards', async () => {
  const app = new Hono().all('/mcp', honoHandler(endpoint));
  const listener = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', createServer: http2 });
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const statusOf = async (authority: string): Promise<unknown> => {
    const request = { ':method': 'POST', ':path': '/mcp', ':authority': authority };
    const stream = session.request({ ...request, ...lookHeaders });
    stream.resume().end(lookBody);
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
    return headers[':status'];
  };
  expect(await statusOf('localhost')).toBe(200);
  expect(await statusOf('evil.example')).toBe(403);
  session.close();
  listener.close();
  await once(listener, 'close');
});

test('hooks of a Fastify app come before, and may refuse', async () => {
  const app = fastify();
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === undefined) await reply.code(401).send({ own: true });
  });
  await app.register(fastifyPlugin(endpoint));
  await app.listen({ port: 0, host: '127.0.0.1' });
  mounted = { ...(await mountedAt(app.server, endpoint)), close: () => app.close() };
  const url = `${mounted.origin}/mcp`;
  const refused = await fetch(url, { method: 'POST', headers: lookHeaders, body: lookBody });
  expect([refused.status, await refused.json()]).toEqual([401, { own: true }]);
  await using client = await connect(url, { headers: { authorization: 'Bearer a' } });
  expect((await client.callTool('look')).content).toMatchObject([{ text: 'seen' }]);
});

describe('where a client comes from', () => {
  const addresses = [
    ['127.0.0.1', 200],
    ['127.0.0.1:4711', 200],
    ['0:0:0:0:0:0:0:1', 200],
    ['::ffff:7f00:1', 200],
    ['::FFFF:c0a8:0101', 403],
    ['somebody', 403],
    ['192.0.2.7', 403],
  ] as const;
  const init = (): RequestInit => ({ method: 'POST', headers: lookHeaders, body: lookBody });
  const url = 'http://localhost/mcp';

  test.each(addresses)('is told by the runtime: %s', async (address, status) => {
    const handle = fetchHandler(endpoint, {
      clientAddress: (_request, info: { readonly hostname: string }) => info.hostname,
    });
    expect((await handle(new Request(url, init()), { hostname: address })).status).toBe(status);
  });

  test.each(addresses)('is told by Hono’s getConnInfo: %s', async (address, status) => {
    const getConnInfo = (): object & { remote: { address: string } } => ({ remote: { address } });
    const app = new Hono().all('/mcp', honoHandler(endpoint, { getConnInfo }));
    expect((await app.request(url, init())).status).toBe(status);
  });

  const publicUrl = 'http://localhost/mcp';

  test('must be told where guesses and strangers are counted, or somebody say that it need not', async () => {
    endpoint = createEndpoint(createServer({ name: 'a', version: '1' }), { publicUrl });
    expect(() => fetchHandler(endpoint)).toThrow(RangeError);
    expect(() => fetchHandler(endpoint)).toThrow('give clientAddress, a function');
    const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
    expect((await handle(new Request(url, init()))).status).not.toBe(500);
    const app = new Hono().all('/mcp', honoHandler(endpoint));
    const answer = await app.request(url, init());
    expect([answer.status, await answer.text()]).toEqual([
      500,
      expect.stringContaining('give getConnInfo of your runtime'),
    ]);
    const told = new Hono().all('/mcp', honoHandler(endpoint, { getConnInfo: 'unknown' }));
    expect((await told.request(url, init())).status).not.toBe(500);
  });

  test('is behind the proxies of the endpoint what they say, in web requests too', async () => {
    const seen: unknown[] = [];
    const auth = letIn((_token, { remoteAddress }) => {
      seen.push(remoteAddress);
      return 'a';
    });
    const trustedProxies = ['10.0.0.0/8'];
    const server = createServer({ name: 'a', version: '1' });
    endpoint = createEndpoint(server, { publicUrl, trustedProxies, auth });
    const headers = { ...lookHeaders, authorization: 'Bearer a', 'x-forwarded-for': '192.0.2.7' };
    const ask = { ...init(), headers };
    const getConnInfo = (): { remote: { address: string } } => ({
      remote: { address: '10.0.0.1' },
    });
    const app = new Hono().all('/mcp', honoHandler(endpoint, { getConnInfo }));
    await app.request(url, ask);
    await fetchHandler(endpoint, { clientAddress: () => '10.0.0.1' })(new Request(url, ask));
    await fetchHandler(endpoint, { clientAddress: () => '192.0.2.9' })(new Request(url, ask));
    expect(seen).toEqual(['192.0.2.7', '192.0.2.7', '192.0.2.9']);
  });

  test('is the server’s own fault where that fails', async () => {
    const handle = fetchHandler(endpoint, {
      clientAddress() {
        throw new Error('no address');
      },
    });
    const answer = await handle(new Request(url, init()));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('no address');
  });
});

const lookHeaders = {
  ...jsonHeaders,
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'look',
};
const lookBody = JSON.stringify(modern(1, 'tools/call', { name: 'look' }));
