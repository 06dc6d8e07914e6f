/** Rules of the base protocol, of both eras. */
import { expect } from 'vitest';
import * as z from 'zod';
import { type Client, McpError, type Server } from '../../src/index.js';
import type { Wire } from '../../src/testing/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { legacyRevisions } from '../../src/protocol/revisions.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';
import { raw, rawPeer } from './raw-peer.js';

const key = (name: string): string => `io.modelcontextprotocol/${name}`;
const person = z.object({ name: z.string() });
const modern = { eras: ['modern'] } as const;
const legacy = { eras: ['legacy'], revisions: legacyRevisions } as const;

/** One of everything. */
function furnish(server: Server): void {
  server.tool('echo', { input: z.object({ n: z.number() }) }, ({ n }) => String(n));
  server.tool('ask', {}, async (_args, { ask }) => (await ask.form('who', 'Who?', person)).name);
  server.resource('test://a', {}, () => 'a');
  server.resource('test://{b}', { complete: { b: () => ['b'] } }, () => 'b');
  server.prompt('p', {}, () => 'p');
}

async function useAll(client: Client): Promise<void> {
  await client.listTools();
  await client.listResources();
  await client.listResourceTemplates();
  await client.listPrompts();
  await client.callTool('echo', { n: 1 });
  await client.callTool('ask');
  await client.readResource('test://a');
  await client.getPrompt('p');
  await client.complete({
    ref: { type: 'ref/resource', uri: 'test://{b}' },
    argument: { name: 'b', value: '' },
  });
}

const answers = { form: () => ({ name: 'Ann' }) };

const requestsOf = (wire: Wire): readonly JsonObject[] =>
  wire.messages('client').filter(({ id, method }) => id !== undefined && method !== undefined);
const resultsOf = (wire: Wire): readonly JsonObject[] =>
  wire.messages('server').flatMap(({ result }) => (result === undefined ? [] : [result as never]));
const metaOf = (message: JsonObject): JsonObject =>
  ((message['params'] ?? message) as JsonObject)['_meta'] as JsonObject;

cites('rpc/id-new', 'rpc/id-in-flight');
matrix('no id is used twice', async ({ server, connect, wire }) => {
  furnish(server);
  const client = await connect({ answers });
  await Promise.all([useAll(client), useAll(client)]);
  const ids = requestsOf(wire).map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(15);
  expect(new Set(ids).size).toBe(ids.length);
});

cites('meta/required', 'meta/client-info');
matrix('each request says by itself who asks', modern, async ({ server, connect, wire }) => {
  furnish(server);
  await useAll(await connect({ answers, client: { name: 'me', version: '2' } }));
  for (const request of requestsOf(wire)) {
    expect(metaOf(request)).toMatchObject({
      [key('protocolVersion')]: '2026-07-28',
      [key('clientCapabilities')]: { elicitation: { form: {} } },
      [key('clientInfo')]: { name: 'me', version: '2' },
    });
  }
});

cites('meta/server-info', 'result/type', 'discover/info-in-meta');
matrix('each result says what it is and whose', modern, async ({ server, connect, wire }) => {
  furnish(server);
  await useAll(await connect({ answers }));
  const results = resultsOf(wire);
  expect(results.length).toBeGreaterThan(10);
  for (const result of results) {
    expect(result['resultType']).toMatch(/^(?:complete|input_required)$/);
    expect(metaOf(result)[key('serverInfo')]).toEqual({ name: 'matrix', version: '1.0.0' });
    expect(result).not.toHaveProperty('serverInfo');
  }
});

const keeps = { ...modern, server: { cache: { ttlMs: 5000, scope: 'public' } } } as const;

cites('version/discover', 'discover/members', 'discover/honest-versions');
matrix('server/discover says what may be asked', keeps, async ({ server, connect }) => {
  furnish(server);
  const client = await connect();
  const found = await client.request('server/discover');
  expect(found).toMatchObject({
    supportedVersions: ['2026-07-28'],
    capabilities: client.server.capabilities,
    ttlMs: 5000,
    cacheScope: 'public',
  });
});

cites('capability/declared', 'tools/declared', 'resources/declared', 'prompts/declared');
matrix('what is there is declared, and nothing else', async ({ server, connect }) => {
  const listChanged = true;
  const before = await connect();
  expect(before.server.capabilities).toEqual({ logging: {} });
  furnish(server);
  const after = await connect();
  expect(after.server.capabilities).toMatchObject({
    tools: { listChanged },
    resources: { listChanged, subscribe: true },
    prompts: { listChanged },
    logging: {},
  });
});

cites('completion/declared', 'logging/declared');
matrix('so are completion and logging', async ({ server, connect }) => {
  server.prompt('p', { complete: { a: () => [] } }, () => '');
  const { capabilities } = (await connect()).server;
  expect(capabilities).toMatchObject({ completions: {}, logging: {} });
});

cites('rpc/error-code', 'rpc/answer-has-id', 'tools/malformed');
matrix('an error has an integer for a code and the id of its request', raw, async (stage) => {
  stage.server.tool('bad', {}, () => {
    throw new McpError('tooManyRequests', 'slowly');
  });
  const peer = await rawPeer(stage);
  for (const [method, params, code] of [
    ['nonsense', {}, -32601],
    ['tools/call', {}, -32602],
    ['tools/call', { name: 7 }, -32602],
    ['tools/call', { name: 'bad', arguments: [] }, -32602],
    ['tools/call', { name: 'bad' }, 429],
  ] as const) {
    const { error } = await peer.ask(method, params);
    expect(error).toMatchObject({ code, message: expect.any(String) });
    expect(Number.isInteger((error as { code: unknown }).code)).toBe(true);
  }
});

cites('rpc/notice-unanswered', 'cancel/unknown-ignored');
matrix('no notification is answered, whatever it says', raw, async (stage) => {
  stage.server.tool('echo', {}, () => 'echo');
  const peer = await rawPeer(stage);
  await peer.ask('tools/call', { name: 'echo' });
  const before = stage.wire.messages('server').length;
  for (const message of [
    { method: 'notifications/nonsense' },
    { method: 'tools/call', params: { name: 'echo' } },
    { method: 'notifications/cancelled' },
    { method: 'notifications/cancelled', params: { requestId: 1 } },
    { method: 'notifications/cancelled', params: { requestId: 99 } },
    { method: 'notifications/cancelled', params: { requestId: {} } },
  ]) {
    await peer.notify({ jsonrpc: '2.0', ...message });
  }
  expect(await peer.ask('tools/call', { name: 'echo' })).toMatchObject({ result: {} });
  expect(stage.wire.messages('server').slice(before)).toHaveLength(1);
});

cites('rpc/meta-untouched', 'rpc/trace-context');
matrix('_meta arrives as it was sent, both ways', async ({ server, connect }) => {
  const meta = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=b,c=d',
    baggage: 'user=ann',
    'example.com/own': { deep: [1, null, { more: true }] },
  };
  let seen: JsonObject = {};
  server.resource('test://a', {}, (_target, call) => {
    seen = call.meta;
    return [{ uri: 'test://a', text: 'a', _meta: meta }];
  });
  const client = await connect();
  const { contents } = await client.readResource('test://a', { meta });
  expect(seen).toMatchObject(meta);
  expect(contents).toMatchObject([{ _meta: meta }]);
});

cites('session/initialize-first', 'session/initialized', 'session/waits-for-welcome');
matrix('a session begins with a handshake and nothing else', legacy, async (stage) => {
  furnish(stage.server);
  const client = await stage.connect({ answers });
  await client.listTools();
  const frames = stage.wire.frames.filter(({ message }) => message !== undefined);
  const said = frames.map(({ from, message }) => [from, message?.['method'] ?? 'result']);
  // The oldest transport is found out by a handshake that it does not take.
  const start = said.findLastIndex(([, method]) => method === 'initialize');
  expect(said.slice(start, start + 4)).toEqual([
    ['client', 'initialize'],
    ['server', 'result'],
    ['client', 'notifications/initialized'],
    ['client', 'tools/list'],
  ]);
});

cites('session/ping');
matrix('ping is answered by nothing but an answer', { ...raw, ...legacy }, async (stage) => {
  const peer = await rawPeer(stage);
  expect(await peer.ask('ping')).toMatchObject({ result: {} });
  expect((await peer.ask('ping'))['result']).toEqual({});
});

cites('version/by-initialize', 'session/same-version');
matrix('initialize opens a session of its version', { ...raw, ...legacy }, async (stage) => {
  stage.server.tool('who', {}, (_args, { peer }) => peer.protocolVersion);
  const peer = await rawPeer(stage);
  expect(await peer.ask('tools/call', { name: 'who' })).toMatchObject({
    result: { content: [{ text: stage.revision }] },
  });
});

const rawModern = { ...raw, ...modern } as const;

cites('meta/no-earlier-request', 'meta/capabilities-each', 'stdio/no-state-of-process');
matrix('nothing of one request counts for the next', rawModern, async (stage) => {
  furnish(stage.server);
  const able = { [key('clientCapabilities')]: { elicitation: {} } };
  const peer = await rawPeer(stage);
  const ask = { name: 'ask' };
  const asked = await peer.ask('tools/call', ask, able);
  expect(asked).toMatchObject({ result: { resultType: 'input_required' } });
  expect(await peer.ask('tools/call', ask)).toMatchObject({ error: { code: -32021 } });
  const unknown = { [key('protocolVersion')]: '2099-01-01' };
  expect(await peer.ask('tools/list', {}, unknown)).toMatchObject({ error: { code: -32022 } });
  expect(await peer.ask('tools/list')).toMatchObject({ result: {} });
});

cites('version/by-meta', 'meta/client-info-optional', 'meta/info-is-no-proof');
matrix('who does not say its name is served like anybody', rawModern, async (stage) => {
  stage.server.tool('who', {}, (_args, { peer }) => JSON.stringify(peer.clientInfo ?? 'nobody'));
  const peer = await rawPeer(stage);
  const call = { name: 'who' };
  for (const info of [undefined, { name: 'admin', version: '1' }]) {
    const answer = await peer.ask('tools/call', call, { [key('clientInfo')]: info });
    expect(answer).toMatchObject({
      result: { content: [{ text: JSON.stringify(info ?? 'nobody') }] },
    });
  }
});

for (const missing of ['protocolVersion', 'clientCapabilities']) {
  cites('meta/missing');
  matrix(`a request without ${missing} is refused`, rawModern, async (stage) => {
    furnish(stage.server);
    const peer = await rawPeer(stage);
    const answer = await peer.ask('tools/list', {}, { [key(missing)]: undefined });
    expect(answer).toMatchObject({ error: { code: -32602 } });
  });
}

cites('result/absent-type', 'result/unknown-type');
matrix('a result without a type is complete, one of another is none', modern, async (stage) => {
  furnish(stage.server);
  const say = (resultType: unknown) =>
    stage.connect({
      middleware: [
        (next) => async (request, io) => {
          const { resultType: _, ...result } = await next(request, io);
          return resultType === undefined ? result : { ...result, resultType };
        },
      ],
    });
  const silent = await say(undefined);
  expect(await silent.callTool('echo', { n: 1 })).toMatchObject({ content: [{ text: '1' }] });
  const strange = await say('strange');
  await expect(strange.callTool('echo', { n: 1 })).rejects.toMatchObject({
    kind: 'badResponse',
    fromPeer: false,
  });
});

const sinceNovember = { revisions: ['2026-07-28', '2025-11-25'] } as const;

cites('schema/keywords-kept');
matrix('keywords that nobody knows are listed as they are', sinceNovember, async (stage) => {
  const input = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { a: { $anchor: 'a', type: 'string' } },
    properties: { a: { $ref: '#a', 'x-shown-as': 'slider' } },
    anyOf: [{ required: ['a'] }, {}],
    if: { required: ['a'] },
    then: { minProperties: 1 },
    'x-own': { order: ['a'] },
  };
  stage.server.tool('t', { input }, () => '');
  const [tool] = await (await stage.connect()).listTools();
  expect(tool?.inputSchema).toEqual(input);
});

cites('rpc/codes-without-meaning');
matrix('a code of other implementations means nothing', async ({ server, connect }) => {
  server.tool('odd', {}, () => {
    throw new McpError('peer', 'odd', { code: -32010 });
  });
  const client = await connect();
  await expect(client.callTool('odd')).rejects.toMatchObject({ kind: 'peer', code: -32010 });
});
