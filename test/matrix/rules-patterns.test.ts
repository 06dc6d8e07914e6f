/** Rules of cancellation, progress, logging, rounds, caching and listening. */
import { expect } from 'vitest';
import * as z from 'zod';
import { inputRequired, type Server } from '../../src/index.js';
import type { Stage, Wire } from '../../src/testing/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { cites } from '../requirements.js';
import { createGate } from './gate.js';
import { matrix } from './matrix.js';
import { raw, rawPeer } from './raw-peer.js';

const person = z.object({ name: z.string() });
const modern = { eras: ['modern'] } as const;

const said = (wire: Wire, method: string): readonly JsonObject[] =>
  wire.messages('client', method).map(({ id, params }) => ({ id, ...(params as JsonObject) }));
const results = (wire: Wire): readonly JsonObject[] =>
  wire.messages('server').flatMap(({ result }) => (result === undefined ? [] : [result as never]));

cites('stdio/cancel-by-notice', 'session/cancel-by-notice', 'cancel/own-only');
matrix('a call is taken back by its id, where going does not say so', async (stage) => {
  const { server, connect, wire, era, host } = stage;
  const gate = createGate();
  server.tool('hang', {}, async (_args, { signal }) => {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await Promise.race([gate.pass(), aborted]);
    return '';
  });
  const client = await connect();
  const controller = new AbortController();
  const call = client.callTool('hang', {}, { signal: controller.signal });
  await gate.reached();
  controller.abort();
  await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  const [{ id } = {}] = said(wire, 'tools/call');
  if (era === 'modern' && host.url !== undefined) return;
  await wire.until(({ message }) => message?.['method'] === 'notifications/cancelled');
  expect(said(wire, 'notifications/cancelled')).toMatchObject([{ requestId: id }]);
});

cites('cancel/races');
matrix('an answer and its cancellation may cross', async ({ server, connect, reported }) => {
  const controller = new AbortController();
  server.tool('cross', {}, () => {
    controller.abort();
    return 'done';
  });
  server.tool('echo', {}, () => 'echo');
  const client = await connect();
  const { signal } = controller;
  await expect(client.callTool('cross', {}, { signal })).rejects.toMatchObject({
    kind: 'cancelled',
  });
  expect(await client.callTool('echo')).toMatchObject({ content: [{ text: 'echo' }] });
  expect(reported).toEqual([]);
});

cites('progress/token-unique');
matrix('each call has a token of its own', async ({ server, connect, wire }) => {
  const gate = createGate();
  let entered = 0;
  server.tool('wait', {}, async () => {
    if (++entered === 3) gate.openAll();
    else await gate.pass();
    return '';
  });
  const client = await connect();
  const onProgress = (): void => undefined;
  await Promise.all([1, 2, 3].map(() => client.callTool('wait', {}, { onProgress })));
  const tokens = said(wire, 'tools/call').map(
    ({ _meta }) => (_meta as JsonObject)['progressToken'],
  );
  expect(new Set(tokens).size).toBe(3);
});

cites('logging/invalid-level');
matrix('a level that is none is refused', raw, async (stage) => {
  stage.server.tool('a', {}, () => '');
  const peer = await rawPeer(stage);
  const level = 'loud';
  const answer =
    stage.era === 'modern'
      ? await peer.ask('tools/list', {}, { 'io.modelcontextprotocol/logLevel': level })
      : await peer.ask('logging/setLevel', { level });
  expect(answer).toMatchObject({ error: { code: -32602 } });
});

const httpModern = { ...modern, transports: ['http', 'fetch', 'web'] } as const;

cites('logging/own-stream');
matrix('messages come on the stream of their own call', httpModern, async (stage) => {
  const { server, connect } = stage;
  const gate = createGate();
  server.tool('talk', { input: z.object({ n: z.number() }) }, async ({ n }, call) => {
    if (n === 1) await gate.pass();
    await call.log('info', n);
    if (n === 2) gate.openAll();
    return '';
  });
  const client = await connect({ logLevel: 'info' });
  const heard: unknown[][] = [];
  const talk = (n: number): Promise<unknown> => {
    const own: unknown[] = [];
    heard.push(own);
    return client.callTool('talk', { n }, { onLog: ({ data }) => own.push(data) });
  };
  const first = talk(1);
  await gate.reached();
  await Promise.all([first, talk(2)]);
  expect(heard).toEqual([[1], [2]]);
});

function askTwo(server: Server): void {
  server.tool('greet', { input: z.object({ how: z.string() }) }, async ({ how }, { ask }) => {
    const form = await ask.form('who', 'Who?', person);
    return `${how} ${form.name} ${(await ask.roots('where')).length}`;
  });
}

const answers = { form: () => ({ name: 'Ann' }), roots: [] };

cites(
  'rounds/retry-same',
  'rounds/retry-answers',
  'rounds/retry-new-id',
  'rounds/state-echoed',
  'rounds/untyped-answers',
  'stdio/no-responses-of-clients',
  'stdio/no-requests-of-servers',
  'http/no-responses',
  'http/no-requests-of-servers',
);
matrix('each round is the same request with answers and state', modern, async (stage) => {
  const { server, connect, wire } = stage;
  askTwo(server);
  const client = await connect({ answers });
  expect(await client.callTool('greet', { how: 'hi' })).toMatchObject({
    content: [{ text: 'hi Ann 0' }],
  });
  const calls = said(wire, 'tools/call');
  const states = results(wire).flatMap(({ requestState }) => requestState ?? []);
  expect(states).toHaveLength(2);
  expect(calls).toMatchObject([
    { name: 'greet', arguments: { how: 'hi' } },
    {
      name: 'greet',
      arguments: { how: 'hi' },
      inputResponses: { who: { action: 'accept', content: { name: 'Ann' } } },
      requestState: states[0],
    },
    {
      name: 'greet',
      arguments: { how: 'hi' },
      inputResponses: { where: { roots: [] } },
      requestState: states[1],
    },
  ]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
  expect(wire.messages('client').filter(({ method }) => method === undefined)).toEqual([]);
  expect(wire.messages('server').filter(({ id, method }) => id && method)).toEqual([]);
});

for (const action of ['decline', 'cancel'] as const) {
  cites('rounds/refusal', 'elicit/actions', 'elicit/content');
  matrix(`a user who says ${action} is an answer without content`, async (stage) => {
    const { server, connect, wire, era } = stage;
    askTwo(server);
    const client = await connect({ answers: { form: () => action } });
    expect(await client.callTool('greet', { how: 'hi' })).toMatchObject({ isError: true });
    const sent =
      era === 'modern'
        ? (said(wire, 'tools/call')[1]?.['inputResponses'] as JsonObject | undefined)?.['who']
        : wire.messages('client').find(({ result }) => result !== undefined)?.['result'];
    expect(sent).toEqual({ action });
  });
}

cites('rounds/no-state-made-up');
matrix('where no state came none goes back', modern, async ({ server, connect, wire }) => {
  server.tool('ask', {}, (_args, { responses }) =>
    'who' in responses ? 'done' : inputRequired({ requests: { who: { method: 'roots/list' } } }),
  );
  server.use((next) => async (request, io) => {
    const { requestState, ...result } = await next(request, io);
    return result;
  });
  const client = await connect({ answers });
  expect(await client.callTool('ask')).toMatchObject({ content: [{ text: 'done' }] });
  expect(said(wire, 'tools/call')[1]).not.toHaveProperty('requestState');
});

cites('rounds/not-empty');
matrix('a round has questions or state', modern, async ({ server, connect, wire }) => {
  server.tool('retry', {}, (_args, { state }) =>
    state === undefined ? inputRequired({ state: 1 }) : 'done',
  );
  await (await connect()).callTool('retry');
  const open = results(wire).filter(({ resultType }) => resultType === 'input_required');
  expect(open).toMatchObject([{ requestState: expect.any(String) }]);
});

const small = { ...modern, server: { limits: { pageItemsMax: 1 } } } as const;
const shared = {
  ...small,
  server: { ...small.server, cache: { ttlMs: 5, scope: 'public' } },
} as const;

async function listAll({ server, connect, wire }: Stage): Promise<readonly JsonObject[]> {
  server.tool('a', {}, () => '');
  server.tool('b', {}, () => '');
  server.resource('test://a', {}, () => 'a');
  server.resource('test://{b}', {}, () => 'b');
  server.prompt('a', {}, () => '');
  const client = await connect();
  await client.listTools();
  await client.listResources();
  await client.listResourceTemplates();
  await client.listPrompts();
  await client.readResource('test://a');
  const kept = results(wire).map(({ ttlMs, cacheScope }) => ({ ttlMs, cacheScope }));
  expect(kept.length).toBeGreaterThanOrEqual(6);
  return kept;
}

cites('cache/hints', 'cache/private');
matrix('what may be kept says for how long, which is not at all', small, async (stage) => {
  for (const one of await listAll(stage)) expect(one).toEqual({ ttlMs: 0, cacheScope: 'private' });
});

cites('cache/hints', 'cache/same-scope');
matrix('all pages of a list have the hints of its author', shared, async (stage) => {
  const lists = (await listAll(stage)).filter(({ cacheScope }) => cacheScope === 'public');
  expect(lists.length).toBeGreaterThanOrEqual(5);
  const pages = stage.wire
    .messages('server')
    .flatMap(({ result }) => ((result as JsonObject)?.['tools'] ? [result as JsonObject] : []));
  expect(pages).toHaveLength(2);
  for (const page of pages) expect(page).toMatchObject({ ttlMs: 5, cacheScope: 'public' });
});

cites('cache/no-hints-in-rounds');
matrix('a round of questions has no hints', modern, async ({ server, connect, wire }) => {
  server.resource(
    'test://a',
    {},
    async (_target, { ask }) => (await ask.form('who', 'Who?', person)).name,
  );
  await (await connect({ answers })).readResource('test://a');
  const [open] = results(wire).filter(({ resultType }) => resultType === 'input_required');
  expect(open).not.toHaveProperty('ttlMs');
  expect(open).not.toHaveProperty('cacheScope');
});

cites('listen/client-ends');
matrix('who stops listening is told nothing more', modern, async (stage) => {
  const { server, connect, wire } = stage;
  server.tool('a', {}, () => '');
  const client = await connect();
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  await changes.return?.();
  if (stage.host.url === undefined) {
    const [{ id } = {}] = said(wire, 'subscriptions/listen');
    expect(said(wire, 'notifications/cancelled')).toMatchObject([{ requestId: id }]);
  }
  await client.ping();
  server.tool('b', {}, () => '');
  await client.ping();
  expect(wire.messages('server', 'notifications/tools/list_changed')).toEqual([]);
});

cites('listen/sub-resources');
matrix('an update may name a part of what is watched', modern, async (stage) => {
  const { server, connect } = stage;
  server.resource('test://a', {}, () => '');
  const uri = 'test://a/part';
  let tell = (): unknown => undefined;
  server.use((next) => (request, io) => {
    const notice = { method: 'notifications/resources/updated', params: { uri } };
    if (request.method === 'subscriptions/listen') tell = () => io.emit(notice);
    return next(request, io);
  });
  const client = await connect();
  const changes = client.listen({ uris: ['test://a'] })[Symbol.asyncIterator]();
  await changes.next();
  tell();
  expect(await changes.next()).toMatchObject({ value: { kind: 'resource', uri } });
  await changes.return?.();
});
