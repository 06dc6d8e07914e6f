/** Rules of what a client sends over HTTP, seen by a fetch that keeps all of it. */
import { expect } from 'vitest';
import * as z from 'zod';
import { type Client, tasks, withTasks } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import type { Stage } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly message: JsonObject | undefined;
  readonly type: string | null;
}

/** A client of the stage, and everything that it sends. */
async function spied(
  { connect, host }: Stage,
  options: Parameters<Stage['connect']>[0] = {},
): Promise<{ client: Client; sent: Sent[] }> {
  const sent: Sent[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.clone().text();
    const response = await host.fetch!(input, init);
    sent.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      message: text === '' ? undefined : (JSON.parse(text) as JsonObject),
      type: response.headers.get('content-type'),
    });
    return response;
  };
  return { client: await connect({ ...options, fetch }), sent };
}

const posts = (sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(({ method }) => method === 'POST');

const http = { transports: ['fetch', 'web'] } as const;
const modern = { ...http, eras: ['modern'] } as const;
const legacy = { ...http, revisions: ['2025-11-25', '2025-06-18', '2025-03-26'] } as const;

cites(
  'http/each-message-posted',
  'http/accepts-both',
  'session/each-message-posted',
  'session/reads-both',
  'session/json-or-stream',
);
matrix('each message is a POST, whose answer may be JSON or a stream', http, async (stage) => {
  stage.server.tool('quick', {}, () => 'now');
  stage.server.tool('work', {}, async (_args, call) => {
    await call.progress(1);
    return 'done';
  });
  const { client, sent } = await spied(stage);
  expect(await client.callTool('quick')).toMatchObject({ content: [{ text: 'now' }] });
  expect(await client.callTool('work')).toMatchObject({ content: [{ text: 'done' }] });
  const types = posts(sent)
    .filter(({ message }) => message?.['method'] === 'tools/call')
    .map(({ type }) => type);
  expect(types).toEqual(['application/json', 'text/event-stream']);
  for (const { headers, message } of posts(sent)) {
    expect(headers.get('accept')).toBe('application/json, text/event-stream');
    expect(message).toMatchObject({ jsonrpc: '2.0' });
  }
});

cites('headers/version', 'headers/method', 'headers/name', 'headers/base64');
matrix('headers repeat what the body says', modern, async (stage) => {
  const { server, revision } = stage;
  server.tool('a', {}, () => '');
  server.resource('test://grüße', {}, () => 'hi');
  server.prompt('p', {}, () => '');
  const { client, sent } = await spied(stage);
  await client.listTools();
  await client.callTool('a');
  await client.readResource('test://grüße');
  await client.getPrompt('p');
  const uri = `=?base64?${Buffer.from('test://grüße').toString('base64')}?=`;
  const headers = sent.map((one) => [
    one.headers.get('mcp-protocol-version'),
    one.headers.get('mcp-method'),
    one.headers.get('mcp-name'),
  ]);
  expect(headers).toEqual([
    [revision, 'server/discover', null],
    [revision, 'tools/list', null],
    [revision, 'tools/call', 'a'],
    [revision, 'resources/read', uri],
    [revision, 'prompts/get', 'p'],
  ]);
  expect(sent.map(({ message }) => message?.['method'])).toEqual(
    headers.map(([, method]) => method),
  );
});

const withTask = { ...modern, server: { extensions: [tasks()] } } as const;

cites('headers/task-id');
matrix('what is asked of a task carries its id', withTask, async (stage) => {
  stage.server.tool('slow', { task: 'optional' }, () => 'done');
  const { client, sent } = await spied(stage, { extensions: [withTasks()] });
  const ids: string[] = [];
  await client.callTool('slow', {}, { onTask: ({ taskId }) => ids.push(taskId) });
  await client.tasks.cancel(ids[0]!);
  const names = sent
    .filter(({ message }) => String(message?.['method']).startsWith('tasks/'))
    .map(({ headers }) => headers.get('mcp-name'));
  expect(names.length).toBeGreaterThan(1);
  expect(new Set(names)).toEqual(new Set(ids.slice(0, 1)));
});

const annotated = z.object({
  region: z.string().optional().meta({ 'x-mcp-header': 'Region' }),
  limit: z.int().optional().meta({ 'x-mcp-header': 'Limit' }),
  dry: z.object({ run: z.boolean().optional().meta({ 'x-mcp-header': 'Dry-Run' }) }).optional(),
});
const mirrored = ({ headers }: Sent): JsonObject =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('mcp-param-')));
const calls = (sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(({ message }) => message?.['method'] === 'tools/call');

cites('params/supported', 'params/converted', 'params/absent', 'params/unexpected');
matrix('annotated arguments are mirrored, and those that are there only', modern, async (stage) => {
  stage.server.tool('query', { input: annotated }, (args) => JSON.stringify(args));
  const { client, sent } = await spied(stage);
  await client.listTools();
  for (const [args, headers] of [
    [{}, {}],
    [{ region: 'eu' }, { 'mcp-param-region': 'eu' }],
    [
      { region: 'Süd', limit: -5, dry: { run: true } },
      {
        'mcp-param-region': `=?base64?${Buffer.from('Süd').toString('base64')}?=`,
        'mcp-param-limit': '-5',
        'mcp-param-dry-run': 'true',
      },
    ],
  ] as const) {
    expect(await client.callTool('query', args)).toMatchObject({
      content: [{ text: JSON.stringify(args) }],
    });
    expect(mirrored(calls(sent).at(-1)!)).toEqual(headers);
  }
});

cites('params/refresh', 'params/unseen');
matrix('when a header is missing the list is read again, once', modern, async (stage) => {
  stage.server.tool('query', { input: annotated }, () => 'found');
  const { client, sent } = await spied(stage);
  const found = { content: [{ text: 'found' }] };
  expect(await client.callTool('query', { region: 'eu' })).toMatchObject(found);
  expect(calls(sent).map(mirrored)).toEqual([{}, { 'mcp-param-region': 'eu' }]);
  expect(sent.filter(({ message }) => message?.['method'] === 'tools/list')).toHaveLength(1);
});

cites('params/drops-tool', 'params/says-why', 'params/names', 'params/types', 'params/reachable');
matrix('a tool with a bad annotation is left out, and said to be', modern, async (stage) => {
  const { server } = stage;
  const bad: { readonly [name: string]: JsonObject } = {
    empty: { a: { type: 'string', 'x-mcp-header': '' } },
    blank: { a: { type: 'string', 'x-mcp-header': 'a b' } },
    twice: {
      a: { type: 'string', 'x-mcp-header': 'A' },
      b: { type: 'string', 'x-mcp-header': 'a' },
    },
    number: { a: { type: 'number', 'x-mcp-header': 'A' } },
    items: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } },
    choice: { a: { anyOf: [{ type: 'string', 'x-mcp-header': 'A' }] } },
  };
  server.tool('good', { input: annotated }, () => '');
  const inputSchema = { type: 'object' };
  // No server of ours would offer them.
  server.use((next) => async (request, io) => {
    const result = await next(request, io);
    if (request.method !== 'tools/list') return result;
    const tools = Object.entries(bad).map(([name, properties]) => ({
      name,
      inputSchema: { ...inputSchema, properties },
    }));
    return { ...result, tools: [...tools, ...(result['tools'] as object[])] };
  });
  const warnings: string[] = [];
  const { client } = await spied(stage, { onWarning: (warning) => warnings.push(warning) });
  expect((await client.listTools()).map(({ name }) => name)).toEqual(['good']);
  expect(warnings).toHaveLength(Object.keys(bad).length);
  for (const [at, name] of Object.keys(bad).entries()) expect(warnings[at]).toContain(name);
});

cites('session/id-sent', 'session/deletes', 'session/get-accepts-stream');
matrix('a session is named in each request, and ended', legacy, async (stage) => {
  stage.server.tool('a', {}, () => '');
  const { client, sent } = await spied(stage);
  await client.callTool('a');
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  await changes.return?.();
  await client.close();
  const ids = sent.map(({ headers }) => headers.get('mcp-session-id'));
  expect(ids[0]).toBeNull();
  expect(new Set(ids.slice(1)).size).toBe(1);
  expect(ids[1]).toMatch(/^[\x21-\x7e]+$/);
  const gets = sent.filter(({ method }) => method === 'GET');
  expect(gets.length).toBeGreaterThan(0);
  for (const { headers } of gets) expect(headers.get('accept')).toBe('text/event-stream');
  expect(sent.at(-1)?.method).toBe('DELETE');
});

const named = { ...http, revisions: ['2025-11-25', '2025-06-18'] } as const;

cites('session/version-sent');
matrix('the version of a session is named after its handshake', named, async (stage) => {
  stage.server.tool('a', {}, () => '');
  const { client, sent } = await spied(stage);
  await client.callTool('a');
  await client.close();
  const versions = sent.map(({ headers }) => headers.get('mcp-protocol-version'));
  expect(new Set(versions.slice(1))).toEqual(new Set([stage.revision]));
});

cites('sse/posts-there');
matrix('what the first event names is posted to', { transports: ['http-sse'] }, async (stage) => {
  stage.server.tool('a', {}, () => 'a');
  const { client, sent } = await spied(stage);
  expect(await client.callTool('a')).toMatchObject({ content: [{ text: 'a' }] });
  const paths = posts(sent).map(({ url }) => new URL(url).pathname);
  // The first one tries whether there is a newer transport.
  expect(paths[0]).toBe('/sse');
  expect(new Set(paths.slice(1))).toEqual(new Set(['/messages']));
});

cites('http/close-cancels', 'http/close-stops', 'http/close-silence');
matrix('closing the reply stops the work, and nothing more is said', modern, async (stage) => {
  const { server, wire } = stage;
  let stopped = (_reason: unknown): void => undefined;
  const stop = new Promise<unknown>((resolve) => (stopped = resolve));
  let entered = (): void => undefined;
  const begun = new Promise<void>((resolve) => (entered = resolve));
  server.tool('hang', {}, async (_args, call) => {
    entered();
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    await call.progress(1);
    stopped(call.signal.reason);
    return 'late';
  });
  const { client, sent } = await spied(stage);
  const controller = new AbortController();
  const call = client.callTool('hang', {}, { signal: controller.signal });
  await begun;
  const before = wire.messages('server').length;
  controller.abort();
  await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await stop).toMatchObject({ kind: 'cancelled' });
  await client.ping();
  // The answer to the ping, which is asked as server/discover.
  expect(wire.messages('server').slice(before)).toHaveLength(1);
  expect(sent.some(({ message }) => message?.['method'] === 'notifications/cancelled')).toBe(false);
});
