import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import {
  type Host,
  hostServer,
  manualPlatform,
  type ManualPlatform,
} from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { jsonHeaders, type RawAnswer, type RawHttp, rawHttp } from './raw-http.js';
import { letIn } from '../let-in.js';
import { initialize, initialized, legacy, modern, modernMeta } from './raw-pipe.js';

describe.each(['http', 'web'] as const)('over %s', (transport) => {
  let platform: ManualPlatform;
  let server: Server;
  let host: Host;
  let raw: RawHttp;
  let open: (() => void)[];

  beforeEach(async () => {
    platform = manualPlatform();
    open = [];
    server = createServer({ name: 'raw', version: '1.0.0', scopes: [], platform });
    server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
    server.tool('hold', {}, async () => {
      await new Promise<void>((resolve) => open.push(resolve));
      return 'held';
    });
    // Whoever gives a name is that principal.
    const auth = letIn((token) => (token === 'stranger' ? '' : token));
    host = await hostServer(transport, server, { platform, endpoint: { auth } });
    raw = rawHttp(host.url!, withToken('nobody', host.fetch!));
  });

  afterEach(async () => {
    for (const letGo of open) letGo();
    await host.close();
    expect(platform.clock.waiting).toBe(0);
  });

  async function stillServes(): Promise<void> {
    const { status, messages } = await raw.post(modern(1, 'tools/call', { name: 'echo' }));
    expect(status).toBe(200);
    expect(messages).toMatchObject([{ id: 1, result: { resultType: 'complete' } }]);
  }

  const refusal = ({ status, messages }: RawAnswer): unknown => [
    status,
    (messages[0]?.['error'] as { code: number } | undefined)?.code,
    messages[0]?.['id'],
  ];

  const deep = '['.repeat(100) + ']'.repeat(100);

  cites('rpc/id-not-null', 'rpc/error-without-id', 'status/parse-error');
  test.each([
    ['no JSON', '{oops', [400, -32700, undefined]],
    ['nothing', '', [400, -32700, undefined]],
    ['an empty object', '{}', [400, -32600, undefined]],
    ['a batch', `[${JSON.stringify(legacy(1, 'ping'))}]`, [400, -32600, undefined]],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', [400, -32600, undefined]],
    ['too deep', `{"jsonrpc":"2.0","id":7,"method":"x","params":{"a":${deep}}}`, [400, -32600, 7]],
    ['a request of no era', JSON.stringify(legacy(7, 'tools/list')), [400, 400, 7]],
    ['a broken answer', '{"jsonrpc":"2.0","id":7,"result":1}', [400, -32600, undefined]],
  ])('%s is refused', async (_name, body, expected) => {
    expect(refusal(await raw.post(body))).toEqual(expected);
    await stillServes();
  });

  test('what is too long is refused, told or counted', async () => {
    const long = `{"jsonrpc":"2.0","id":7,"method":"${'m'.repeat(4 << 20)}"}`;
    expect((await raw.post(long)).status).toBe(413);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(long));
        controller.close();
      },
    });
    const headers = { ...jsonHeaders, authorization: 'Bearer nobody' };
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as const;
    const { status } = await host.fetch!(host.url!, init);
    expect(status).toBe(413);
    await stillServes();
  });

  test.each([
    ['another method', 'PUT', 405],
    ['HEAD', 'HEAD', 405],
  ])('%s is not allowed', async (_name, method, status) => {
    const answer = await raw.send(method);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('allow')).toBe('POST, GET, DELETE');
  });

  test.each([
    ['text/plain', 'application/json, text/event-stream', 415],
    ['application/json; charset=latin1', '*/*', 415],
    ['application/json', 'text/html', 406],
    ['application/json', 'application/json', 406],
  ])('content type %s with accept %s is refused', async (type, accept, status) => {
    const headers = { 'content-type': type, accept };
    expect((await raw.send('POST', headers, legacy(1, 'ping'))).status).toBe(status);
    await stillServes();
  });

  describe('modern', () => {
    cites('status/unknown-method');
    test.each(['nonsense', '__proto__', 'initialize', 'ping', 'logging/setLevel', 'roots/list'])(
      'there is no %s',
      async (method) => {
        expect(refusal(await raw.post(modern(1, method)))).toEqual([404, -32601, 1]);
      },
    );

    cites('headers/disagree', 'headers/case', 'headers/base64-broken');
    test.each([
      ['mcp-method', 'tools/list'],
      ['mcp-method', 'TOOLS/CALL'],
      ['mcp-name', 'hold'],
      ['mcp-name', '=?base64?%%?='],
      ['mcp-protocol-version', '2025-11-25'],
      ['mcp-protocol-version', '2099-01-01'],
    ])('a header %s that says %s is a mismatch', async (name, value) => {
      const call = modern(1, 'tools/call', { name: 'echo' });
      expect(refusal(await raw.post(call, { [name]: value }))).toEqual([400, -32020, 1]);
    });

    cites('headers/missing');
    test('no header at all is a mismatch', async () => {
      const call = JSON.stringify(modern(1, 'tools/call', { name: 'echo' }));
      expect(refusal(await raw.post(call))).toEqual([400, -32020, 1]);
    });

    cites('status/version');
    test('a version that nobody knows is refused with ours', async () => {
      const _meta = { ...modernMeta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
      const answer = await raw.post({ ...legacy(1, 'tools/list'), params: { _meta } });
      expect(refusal(answer)).toEqual([400, -32022, 1]);
      expect(answer.messages[0]?.['error']).toMatchObject({
        data: { supported: ['2026-07-28'], requested: '2099-01-01' },
      });
    });

    cites('status/bad-meta', 'meta/missing');
    test('an envelope that is not whole is refused', async () => {
      const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
      const bare = await raw.post(legacy(1, 'tools/list'), headers);
      expect(refusal(bare)).toEqual([400, -32602, 1]);
      const { 'io.modelcontextprotocol/clientCapabilities': _, ..._meta } = modernMeta;
      const half = await raw.post({ ...legacy(1, 'tools/list'), params: { _meta } }, headers);
      expect(refusal(half)).toEqual([400, -32602, 1]);
    });

    test('ids are the business of whoever sends: the same may run twice', async () => {
      const one = raw.post(modern(1, 'tools/call', { name: 'hold' }));
      const two = raw.post(modern(1, 'tools/call', { name: 'hold' }));
      await host.wire.until(() => host.wire.messages('client', 'tools/call').length === 2);
      await stillServes();
      for (const letGo of open) letGo();
      expect((await one).messages).toMatchObject([{ id: 1, result: {} }]);
      expect((await two).messages).toMatchObject([{ id: 1, result: {} }]);
    });

    cites('http/notice-accepted');
    test('a notification is taken, a response is not', async () => {
      const headers = { 'mcp-protocol-version': '2026-07-28' };
      expect(await raw.post(initialized, headers)).toMatchObject({ status: 202, text: '' });
      const response = { jsonrpc: '2.0', id: 1, result: {} };
      expect((await raw.post(response, headers)).status).toBe(400);
    });
  });

  describe('sessions', () => {
    cites('session/same-version', 'session/other-version', 'session/newest-version');
    test('initialize answers old, new and unknown versions with an old one', async () => {
      for (const [asked, answered] of [
        ['2024-11-05', '2024-11-05'],
        ['2026-07-28', '2025-11-25'],
        ['nonsense', '2025-11-25'],
      ] as const) {
        const { status, messages, headers } = await raw.post(initialize(1, asked));
        expect(status).toBe(200);
        expect(messages).toMatchObject([{ id: 1, result: { protocolVersion: answered } }]);
        expect(headers.get('mcp-session-id')).toMatch(/^[\w-]{43}$/);
      }
    });

    cites('session/ended');
    test('an unknown session is not found, by POST, GET and DELETE', async () => {
      const session = { 'mcp-session-id': 'A'.repeat(43) };
      expect((await raw.post(legacy(1, 'ping'), session)).status).toBe(404);
      expect((await raw.post(initialized, session)).status).toBe(404);
      expect((await raw.send('GET', { ...session, accept: 'text/event-stream' })).status).toBe(404);
      expect((await raw.send('DELETE', session)).status).toBe(404);
    });

    cites('session/id-required', 'session/refused');
    test('no session at all is a bad request', async () => {
      expect((await raw.send('GET', { accept: 'text/event-stream' })).status).toBe(400);
      expect((await raw.send('DELETE')).status).toBe(400);
      expect((await raw.post(initialized)).status).toBe(400);
    });

    cites('session/bound-to-user', 'session/is-no-authentication');
    test("somebody else's session is not found", async () => {
      const session = { ...(await raw.open()), authorization: 'Bearer eve' };
      expect((await raw.post(legacy(1, 'ping'), session)).status).toBe(404);
      expect((await raw.send('GET', { ...session, accept: 'text/event-stream' })).status).toBe(404);
      expect((await raw.send('DELETE', session)).status).toBe(404);
      const own = { ...session, authorization: 'Bearer nobody' };
      expect((await raw.post(legacy(1, 'ping'), own)).status).toBe(200);
      const stranger = { ...session, authorization: 'Bearer stranger' };
      expect((await raw.post(legacy(1, 'ping'), stranger)).status).toBe(401);
    });

    cites('session/ended');
    test('a session that was ended is gone', async () => {
      const session = await raw.open();
      expect((await raw.post(legacy(1, 'ping'), session)).messages).toMatchObject([{ result: {} }]);
      expect((await raw.send('DELETE', session)).status).toBe(200);
      expect((await raw.post(legacy(1, 'ping'), session)).status).toBe(404);
      expect((await raw.send('DELETE', session)).status).toBe(404);
    });

    test('ending a session ends its calls', async () => {
      const session = await raw.open();
      let stopped: unknown;
      server.tool('watch', {}, async (_args, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        stopped = signal.reason;
        return 'late';
      });
      const call = raw.post(legacy(1, 'tools/call', { name: 'watch' }), session);
      await host.wire.until(({ message }) => message?.['method'] === 'tools/call');
      await raw.send('DELETE', session);
      expect((await call).messages).toEqual([]);
      expect(stopped).toMatchObject({ kind: 'cancelled' });
    });

    cites('session/version-unknown', 'session/version-assumed');
    test('a version that is none of theirs is a bad request', async () => {
      const session = await raw.open();
      for (const version of ['nonsense', '2099-01-01']) {
        const headers = { ...session, 'mcp-protocol-version': version };
        expect((await raw.post(legacy(1, 'ping'), headers)).status).toBe(400);
      }
      const { 'mcp-session-id': id = '' } = session;
      expect((await raw.post(legacy(1, 'ping'), { 'mcp-session-id': id })).status).toBe(200);
    });

    test('there is no initialize within a session', async () => {
      const session = await raw.open();
      expect((await raw.post(initialize(1), session)).status).toBe(400);
      expect((await raw.post(legacy(1, 'ping'), session)).status).toBe(200);
    });

    test('an unknown method says nothing of the session', async () => {
      const session = await raw.open();
      expect(refusal(await raw.post(legacy(1, 'nonsense'), session))).toEqual([200, -32601, 1]);
    });

    cites('rpc/answer-has-id');
    test('an id in use is refused, and its first owner is served', async () => {
      const session = await raw.open();
      const first = raw.post(legacy(1, 'tools/call', { name: 'hold' }), session);
      await host.wire.until(({ message }) => message?.['method'] === 'tools/call');
      const second = await raw.post(legacy(1, 'tools/call', { name: 'echo' }), session);
      expect(refusal(second)).toEqual([400, -32600, 1]);
      open[0]?.();
      expect((await first).messages).toMatchObject([{ id: 1, result: {} }]);
      const other = await raw.open();
      const free = await raw.post(legacy(1, 'tools/call', { name: 'echo' }), other);
      expect(free.status).toBe(200);
    });

    cites('session/accepted', 'session/refused');
    test('a response that nobody waits for is refused, a notice never is', async () => {
      const session = await raw.open();
      const response = { jsonrpc: '2.0', id: 99, result: {} };
      expect((await raw.post(response, session)).status).toBe(400);
      for (const method of ['notifications/nonsense', 'notifications/cancelled']) {
        const notice = { jsonrpc: '2.0', method };
        expect(await raw.post(notice, session)).toMatchObject({ status: 202, text: '' });
      }
    });

    test('a broken answer to a question ends the call that asked', async () => {
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
      server.tool('roots', {}, async (_args, { ask }) => JSON.stringify(await ask.roots()));
      const call = raw.post(legacy(1, 'tools/call', { name: 'roots' }), session);
      const { message } = await host.wire.until(
        ({ from, message: said }) => from === 'server' && said?.['method'] === 'roots/list',
      );
      const broken = JSON.stringify({ jsonrpc: '2.0', id: message?.['id'], result: 'none' });
      expect((await raw.post(broken, session)).status).toBe(400);
      expect((await call).messages.at(-1)).toMatchObject({ id: 1, error: {} });
    });
  });
});

const full = { sessionsMax: 2, callsInFlightMax: 1 } as const;

test('a full server says so, and recovers', async () => {
  const platform = manualPlatform();
  const server = createServer({ name: 'full', version: '1.0.0', platform });
  let letGo = (): void => undefined;
  server.tool('hold', {}, async () => {
    await new Promise<void>((resolve) => (letGo = resolve));
    return 'held';
  });
  const host = await hostServer('http', server, { platform, limits: full });
  const raw = rawHttp(host.url!, host.fetch!);
  const first = await raw.open();
  await raw.open();
  const refused = await raw.post(initialize(1));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  await raw.send('DELETE', first);
  const { 'mcp-session-id': id = '' } = await raw.open();
  expect(id).not.toBe('');
  const held = raw.post(modern(1, 'tools/call', { name: 'hold' }));
  await host.wire.until(({ message }) => message?.['method'] === 'tools/call');
  expect((await raw.post(modern(2, 'tools/call', { name: 'hold' }))).status).toBe(429);
  letGo();
  expect((await held).status).toBe(200);
  await host.close();
});

/** Whoever shows no other token shows this one. */
function withToken(token: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const request = new Request(input, init);
    if (!request.headers.has('authorization')) {
      request.headers.set('authorization', `Bearer ${token}`);
    }
    return fetch(request);
  };
}
