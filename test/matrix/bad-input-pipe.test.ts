import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import {
  initialize,
  initialized,
  legacy,
  modern,
  modernMeta,
  type RawPipe,
  rawPipe,
} from './raw-pipe.js';

let platform: ManualPlatform;
let server: Server;
let pipe: RawPipe;
let open: (() => void)[];

beforeEach(() => {
  platform = manualPlatform();
  open = [];
  server = createServer({ name: 'raw', version: '1.0.0', platform });
  server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
  server.tool('hold', {}, async () => {
    await new Promise<void>((resolve) => open.push(resolve));
    return 'held';
  });
  pipe = rawPipe(server, platform);
});

afterEach(async () => {
  for (const letGo of open) letGo();
  await pipe.end();
  expect(pipe.waiting).toEqual([]);
  expect(platform.clock.waiting).toBe(0);
});

/** Nothing was lost: the next good request is answered, in both eras. */
async function stillServes(): Promise<void> {
  pipe.write(modern('after', 'tools/call', { name: 'echo', arguments: {} }));
  expect(await pipe.next()).toMatchObject({ id: 'after', result: { resultType: 'complete' } });
}

function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

const call = '"method":"tools/call","params":{"name":"echo"}';

cites('rpc/id', 'rpc/id-not-null', 'rpc/error-without-id');
describe('what is no message is refused with an error, and nothing is lost', () => {
  test.each([
    ['no JSON', '{oops', -32700, undefined],
    ['half a message', '{"jsonrpc":"2.0","id":7,"method":"ping"', -32700, 7],
    ['a string', '"hello"', -32600, undefined],
    ['null', 'null', -32600, undefined],
    ['an empty object', '{}', -32600, undefined],
    ['another JSON-RPC', '{"jsonrpc":"1.0","id":7,"method":"ping"}', -32600, 7],
    ['a method that is no string', '{"jsonrpc":"2.0","id":7,"method":1}', -32600, 7],
    ['params that are an array', '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', -32600, 7],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, undefined],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, undefined],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, undefined],
    ['a batch', `[{"jsonrpc":"2.0","id":7,"method":"ping"}]`, -32600, undefined],
    ['an empty batch', '[]', -32600, undefined],
    ['a member twice', `{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}`, -32600, undefined],
    ['a prototype', `{"jsonrpc":"2.0","id":7,${call},"__proto__":{}}`, -32600, 7],
    ['too deep', `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":${deep(100)}}}`, -32600, 7],
    ['far too deep', `{"jsonrpc":"2.0","id":7,"params":{"a":${deep(100_000)}}}`, -32600, 7],
    ['too long', `{"jsonrpc":"2.0","id":7,"method":"${'m'.repeat(4 << 20)}"}`, -32600, 7],
    ['too many values', `{"jsonrpc":"2.0","id":7,"p":[${'0,'.repeat(100_001)}0]}`, -32600, 7],
    ['an endless number', `{"jsonrpc":"2.0","id":7,"p":${'9'.repeat(1000)}}`, -32600, 7],
  ])('%s', async (_name, line, code, id) => {
    pipe.write(line);
    const { id: answered, error } = await pipe.next();
    expect(error).toMatchObject({ code });
    expect(answered).toBe(id);
    await stillServes();
  });

  test('empty lines and carriage returns are nothing at all', async () => {
    pipe.write('\r');
    pipe.write('');
    pipe.write(`${JSON.stringify(modern(1, 'server/discover'))}\r`);
    expect(await pipe.next()).toMatchObject({ id: 1, result: {} });
  });
});

cites('rpc/notice-unanswered', 'rpc/result-xor-error');
describe('what nobody waits for is not answered', () => {
  test.each([
    ['a response to nothing', '{"jsonrpc":"2.0","id":99,"result":{}}'],
    ['an error to nothing', '{"jsonrpc":"2.0","id":99,"error":{"code":1,"message":"x"}}'],
    ['an error without an id', '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}'],
    ['a response of both kinds', '{"jsonrpc":"2.0","id":99,"result":{},"error":{}}'],
    ['a response that is no object', '{"jsonrpc":"2.0","id":99,"result":1}'],
    ['an unknown notification', '{"jsonrpc":"2.0","method":"notifications/nonsense"}'],
    ['a request method without an id', `{"jsonrpc":"2.0",${call}}`],
    [
      'a cancellation of nothing',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}',
    ],
    [
      'a cancellation of no id',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
    ],
    ['a cancellation without params', '{"jsonrpc":"2.0","method":"notifications/cancelled"}'],
  ])('%s', async (_name, line) => {
    pipe.write(line);
    // The first line to come back is the answer to the good request.
    await stillServes();
  });
});

describe('ids', () => {
  test('an id in use is refused, and its first owner is served', async () => {
    pipe.write(modern(1, 'tools/call', { name: 'hold' }));
    pipe.write(modern(1, 'tools/call', { name: 'echo' }));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32600 } });
    open.shift()?.();
    expect(await pipe.next()).toMatchObject({ id: 1, result: { content: [{ text: 'held' }] } });
    pipe.write(modern(1, 'tools/call', { name: 'echo' }));
    expect(await pipe.next()).toMatchObject({ id: 1, result: { content: [{ text: '{}' }] } });
  });

  cites('rpc/answer-has-id');
  test('1 and "1" are two ids, and come back as they were', async () => {
    pipe.write(modern('1', 'tools/call', { name: 'hold' }));
    pipe.write(modern(1, 'tools/call', { name: 'echo' }));
    expect((await pipe.next())['id']).toBe(1);
    open.shift()?.();
    expect((await pipe.next())['id']).toBe('1');
  });

  cites('cancel/races');
  test('a call that is cancelled in the burst that made it leaves nothing', async () => {
    pipe.write(modern(1, 'tools/call', { name: 'hold' }));
    pipe.write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    pipe.write(modern(1, 'tools/call', { name: 'echo' }));
    expect(await pipe.next()).toMatchObject({ id: 1, result: { content: [{ text: '{}' }] } });
  });
});

describe('methods and params', () => {
  test.each([
    'nonsense',
    'tools/Call',
    '__proto__',
    'constructor',
    'elicitation/create',
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/list',
  ])('there is no %s in the modern era', async (method) => {
    pipe.write(modern(1, method, { uri: 'test://a', level: 'info' }));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32601 } });
    await stillServes();
  });

  cites('notices/not-stateless');
  test.each([
    'nonsense',
    '__proto__',
    'constructor',
    'server/discover',
    'subscriptions/listen',
    'roots/list',
    'resources/list',
  ])('there is no %s in the legacy era', async (method) => {
    pipe.write(initialize(0));
    await pipe.next();
    pipe.write(initialized);
    pipe.write(legacy(1, method, {}));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32601 } });
    await stillServes();
  });

  cites('tools/malformed');
  test.each([
    ['tools/call', {}],
    ['tools/call', { name: 7 }],
    ['tools/call', { name: 'echo', arguments: [] }],
    ['tools/call', { name: 'nonsense' }],
    ['tools/list', { cursor: 7 }],
    ['subscriptions/listen', {}],
    ['subscriptions/listen', { notifications: { toolsListChanged: 'yes' } }],
  ])('%s with %j is refused', async (method, params) => {
    pipe.write(modern(1, method, params));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32602 } });
    await stillServes();
  });

  cites('meta/missing');
  test.each([
    ['no version', { 'io.modelcontextprotocol/protocolVersion': undefined }],
    ['no capabilities', { 'io.modelcontextprotocol/clientCapabilities': undefined }],
    ['a log level that is none', { 'io.modelcontextprotocol/logLevel': 'loud' }],
    ['a progress token that is none', { progressToken: {} }],
  ])('an envelope with %s is refused', async (_name, change) => {
    const _meta = { ...modernMeta, ...change };
    pipe.write({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } });
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32602 } });
    await stillServes();
  });
});

describe('the handshake', () => {
  cites('version/by-meta');
  test('before it only ping and modern requests are served', async () => {
    pipe.write(legacy(1, 'tools/list'));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32602 } });
    pipe.write(legacy(2, 'ping'));
    expect(await pipe.next()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    await stillServes();
  });

  cites('session/same-version', 'session/other-version', 'session/newest-version');
  test.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-06-18', '2025-06-18'],
    ['2026-07-28', '2025-11-25'],
    ['1999-01-01', '2025-11-25'],
    ['nonsense', '2025-11-25'],
  ])('%s is answered with %s', async (asked, answered) => {
    pipe.write(initialize(1, asked));
    expect(await pipe.next()).toMatchObject({ id: 1, result: { protocolVersion: answered } });
    await stillServes();
  });

  test('a second one is refused, and the first session goes on', async () => {
    pipe.write(initialize(1));
    pipe.write(initialize(2));
    const answers = [await pipe.next(), await pipe.next()];
    expect(answers.toSorted((a, b) => Number(a['id']) - Number(b['id']))).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: { code: -32600 } },
    ]);
    pipe.write(initialize(3));
    expect(await pipe.next()).toMatchObject({ id: 3, error: { code: -32600 } });
    pipe.write(legacy(4, 'tools/call', { name: 'echo' }));
    expect(await pipe.next()).toMatchObject({ id: 4, result: { content: [{ text: '{}' }] } });
  });

  test.each([
    {},
    { protocolVersion: '2025-11-25' },
    { protocolVersion: 1, capabilities: {}, clientInfo: {} },
  ])('one with %j is refused, and may be tried again', async (params) => {
    pipe.write(legacy(1, 'initialize', params));
    expect(await pipe.next()).toMatchObject({ id: 1, error: { code: -32602 } });
    pipe.write(initialize(2));
    expect(await pipe.next()).toMatchObject({ id: 2, result: {} });
  });
});

test('too many calls wait, then are refused, and none is lost', async () => {
  await pipe.end();
  pipe = rawPipe(server, platform, { callsInFlightPerPipeMax: 2, callsWaitingPerPipeMax: 1 });
  for (const id of [1, 2, 3, 4]) pipe.write(modern(id, 'tools/call', { name: 'hold' }));
  expect(await pipe.next()).toMatchObject({ id: 4, error: { code: 429 } });
  expect(open).toHaveLength(2);
  const answered: unknown[] = [];
  while (answered.length < 3) {
    open.shift()?.();
    answered.push((await pipe.next())['id']);
  }
  expect(answered).toEqual([1, 2, 3]);
});

cites('stdio/exits-at-end-of-input');
test('the end of input lets running calls finish for a second', async () => {
  pipe.write(modern(1, 'tools/call', { name: 'hold' }));
  await Promise.all([
    pipe.end(),
    platform.clock.armed((ms) => ms === 1000).then(() => open[0]?.()),
  ]);
  expect(await pipe.next()).toMatchObject({ id: 1, result: {} });
});

cites('stdio/exits-at-end-of-input');
test('a call that does not finish in that second is stopped', async () => {
  pipe.write(modern(1, 'tools/call', { name: 'hold' }));
  const ended = pipe.end();
  await platform.clock.armed((ms) => ms === 1000);
  await platform.clock.advance(1000);
  await ended;
  expect(pipe.waiting).toEqual([]);
});
