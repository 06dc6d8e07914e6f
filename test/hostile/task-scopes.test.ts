/** Tasks belong to a principal; what a narrower token of the same one may do with them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryTasks } from '../../src/stores/memory-tasks.js';
import { createServer, type Server, tasks } from '../../src/server/index.js';
import type { TaskStore } from '../../src/stores/task-store.js';
import { manualPlatform } from '../../src/testing/index.js';
import { createEndpoint, type Endpoint, fetchHandler } from '../../src/transports/http/index.js';
import { initialize, inSession, modern, modernCall, type Parts } from './attack.js';
import { headerLines } from './bytes.js';

const url = 'http://127.0.0.1/mcp';
const scopesOf: { readonly [token: string]: readonly string[] } = {
  wide: ['secret', 'more'],
  enough: ['secret'],
  narrow: ['other'],
};
const extensions = { 'io.modelcontextprotocol/tasks': {} };

const platform = manualPlatform();
let store: TaskStore;
let servers: { readonly server: Server; readonly endpoint: Endpoint }[];
let endpoint: Endpoint;
let runs: number;
let letGo: (() => void)[];

/** Another server over the same tasks, as after a restart. */
function start(): void {
  const server = createServer({
    ...{ name: 'files', version: '1.0.0', platform },
    extensions: [tasks({ store })],
  });
  const task = { restartable: true };
  server.tool('dig', { scopes: ['secret'], task }, async (_args, call) => {
    runs++;
    await new Promise<void>((resolve) => letGo.push(resolve));
    call.requireScopes('secret', 'more');
    return 'the treasure';
  });
  endpoint = createEndpoint(server, {
    ...{ platform, publicUrl: url },
    auth: {
      verify: (token, { resource: audience }) => ({
        ...{ id: 'ann', audience, expiresAt: Infinity },
        scopes: scopesOf[token] ?? [],
      }),
    },
  });
  servers.push({ server, endpoint });
}

beforeEach(() => {
  store = memoryTasks();
  servers = [];
  letGo = [];
  runs = 0;
  start();
});
afterEach(async () => {
  for (const go of letGo) go();
  for (const one of servers) {
    await one.endpoint.close(0);
    one.server.close();
  }
});

interface Said {
  readonly status: number;
  readonly text: string;
  readonly result?: { readonly [member: string]: unknown };
  readonly error?: { readonly code: number; readonly data?: unknown };
}

async function send(who: string, { method, headers, body }: Parts): Promise<Said> {
  const lines = headerLines({ ...headers, authorization: `Bearer ${who}` }, { port: 80 });
  const init = { method, headers: lines, body: JSON.stringify(body) };
  const request = new Request(url, init);
  const response = await fetchHandler(endpoint, { clientAddress: 'unknown' })(request);
  const text = await response.text();
  const said = (text.startsWith('{') ? JSON.parse(text) : {}) as Partial<Said>;
  return { ...said, status: response.status, text };
}

function ask(who: string, method: string, params: object): Promise<Said> {
  const { headers, ...rest } = modernCall('dig');
  const { taskId = 'dig' } = params as { taskId?: string };
  const body = modern(method, params) as { params: { _meta: object } };
  Object.assign(body.params._meta, {
    'io.modelcontextprotocol/clientCapabilities': { extensions },
  });
  const named = { ...headers, 'mcp-method': method, 'mcp-name': taskId };
  return send(who, { ...rest, headers: named, body });
}

async function begin(): Promise<string> {
  const { result } = await ask('wide', 'tools/call', { name: 'dig', arguments: {} });
  return String(result?.['taskId']);
}

const lacks = (requiredScopes: readonly string[]): object => ({
  status: 403,
  error: { code: 403, data: { requiredScopes } },
});

test('a token that could not call the tool gets nothing of its tasks', async () => {
  const taskId = await begin();
  for (const [method, more] of [
    ['tasks/get', {}],
    ['tasks/update', { inputResponses: {} }],
    ['tasks/cancel', {}],
  ] as const) {
    expect(await ask('narrow', method, { taskId, ...more })).toMatchObject(lacks(['secret']));
  }
  for (const go of letGo) go();
  await platform.clock.advance(1);
  expect(await ask('narrow', 'tasks/get', { taskId })).toMatchObject(lacks(['secret']));
  expect((await ask('enough', 'tasks/get', { taskId })).text).toContain('the treasure');
});

test('nor does it do the work anew, or end it, after a restart', async () => {
  const taskId = await begin();
  start();
  expect(await ask('narrow', 'tasks/get', { taskId })).toMatchObject(lacks(['secret']));
  // It would run again as one who may not do what it was begun with.
  expect(await ask('enough', 'tasks/get', { taskId })).toMatchObject(lacks(['secret', 'more']));
  expect(await ask('enough', 'tasks/cancel', { taskId })).toMatchObject(lacks(['secret', 'more']));
  expect(runs).toBe(1);
  expect((await ask('wide', 'tasks/get', { taskId })).result).toMatchObject({ status: 'working' });
  await platform.clock.advance(1);
  expect(runs).toBe(2);
  for (const go of letGo) go();
  await platform.clock.advance(1);
  expect((await ask('wide', 'tasks/get', { taskId })).text).toContain('the treasure');
});

test('in a session neither, and its lists leave them out', async () => {
  const { headers, ...rest } = initialize;
  const lines = headerLines({ ...headers, authorization: 'Bearer wide' }, { port: 80 });
  const init = { method: rest.method, headers: lines, body: JSON.stringify(rest.body) };
  const opened = await fetchHandler(endpoint, { clientAddress: 'unknown' })(new Request(url, init));
  const session = opened.headers.get('mcp-session-id') ?? '';
  const say = (who: string, method: string, params: object = {}): Promise<Said> =>
    send(who, inSession({ id: 1, method, params }, session));
  await send('wide', inSession({ method: 'notifications/initialized' }, session));
  const call = { name: 'dig', arguments: {}, task: {} };
  const { result } = await say('wide', 'tools/call', call);
  const { taskId = '' } = (result?.['task'] ?? {}) as { readonly taskId?: string };
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    expect(await say('narrow', method, { taskId })).toMatchObject(lacks(['secret']));
  }
  expect((await say('narrow', 'tasks/list')).result).toMatchObject({ tasks: [] });
  expect((await say('wide', 'tasks/list')).result).toMatchObject({ tasks: [{ taskId }] });
});
