/** Tasks as sessions of 2025-11-25 see them on the wire (basic/utilities/tasks). */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createServer, type Server, tasks, text, ToolError } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { manualPlatform } from '../../src/testing/index.js';
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

const platform = manualPlatform();
const relatedTask = 'io.modelcontextprotocol/related-task';
const person = z.object({ name: z.string() });

interface Session {
  readonly server: Server;
  readonly pipe: RawPipe;
  readonly capabilities: JsonObject;
  ask(method: string, params?: object): Promise<JsonObject>;
  /** The next message that is no notice of a status. */
  next(): Promise<JsonObject>;
  readonly notices: JsonObject[];
}

async function open(
  define: (server: Server) => void,
  { revision = '2025-11-25', capabilities = {}, extensions = [tasks()] } = {},
): Promise<Session & AsyncDisposable> {
  const server = createServer({ name: 'a', version: '1', platform, extensions });
  define(server);
  const pipe = rawPipe(server, platform);
  const notices: JsonObject[] = [];
  const next = async (): Promise<JsonObject> => {
    const message = await pipe.next();
    if (message['method'] !== 'notifications/tasks/status') return message;
    notices.push(message);
    return next();
  };
  let id = 0;
  const hello = initialize('hello', revision);
  pipe.write({ ...hello, params: { ...(hello['params'] as object), capabilities } });
  const { result } = (await next()) as { result: { capabilities: JsonObject } };
  pipe.write(initialized);
  return {
    server,
    pipe,
    notices,
    capabilities: result.capabilities,
    next,
    ask(method, params) {
      pipe.write(legacy(++id, method, params));
      return next();
    },
    async [Symbol.asyncDispose]() {
      await pipe.end();
      server.close();
    },
  };
}

const taskIn = (answer: JsonObject): { taskId: string } & JsonObject =>
  (answer['result'] as { task: { taskId: string } }).task;

cites('tasks-2025/declared', 'tasks-2025/no-extension');
test('the server declares its tasks, and tools say how they are called', async () => {
  await using session = await open((server) => {
    server.tool('plain', {}, () => '');
    server.tool('may', { task: 'optional' }, () => '');
    server.tool('must', { task: 'required' }, () => '');
  });
  expect(session.capabilities).toMatchObject({
    tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
  });
  expect(session.capabilities).not.toHaveProperty('extensions');
  const { result } = await session.ask('tools/list');
  const { tools } = result as { tools: JsonObject[] };
  expect(tools.map(({ execution }) => execution)).toEqual([
    undefined,
    { taskSupport: 'optional' },
    { taskSupport: 'required' },
  ]);
});

test.each(['2025-06-18', '2024-11-05'])('%s knows nothing of tasks', async (revision) => {
  const define = (server: Server): void => {
    server.tool('may', { task: 'optional' }, () => 'done');
  };
  await using session = await open(define, { revision });
  expect(session.capabilities).not.toHaveProperty('tasks');
  expect(session.capabilities).not.toHaveProperty('extensions');
  expect(JSON.stringify(await session.ask('tools/list'))).not.toContain('execution');
  expect(await session.ask('tools/call', { name: 'may', task: {} })).toMatchObject({
    result: { content: [{ text: 'done' }] },
  });
  expect(await session.ask('tasks/list')).toMatchObject({ error: { code: -32601 } });
});

test('the stateless era is told nothing of it', async () => {
  await using session = await open((server) => server.tool('may', { task: 'optional' }, () => ''));
  session.pipe.write(modern('a', 'tools/list'));
  expect(JSON.stringify(await session.next())).not.toContain('execution');
  session.pipe.write(modern('b', 'server/discover'));
  const { result } = (await session.next()) as { result: { capabilities: JsonObject } };
  expect(result.capabilities).toMatchObject({
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  });
  expect(result.capabilities).not.toHaveProperty('tasks');
  for (const method of ['tasks/list', 'tasks/result']) {
    session.pipe.write(modern('c', method, { taskId: 'x' }));
    expect(await session.next()).toMatchObject({ error: { code: -32601 } });
  }
  session.pipe.write(modern('d', 'tasks/get', { taskId: 'x' }));
  expect(await session.next()).toMatchObject({ error: { code: -32021 } });
});

cites('tasks-2025/shape', 'tasks-2025/result');
test('a task is made, looked at, waited for and listed', async () => {
  let finish = (_text: string): void => undefined;
  await using session = await open((server) => {
    const done = new Promise<string>((resolve) => (finish = resolve));
    server.tool('may', { task: 'optional' }, () => done);
  });
  const created = await session.ask('tools/call', { name: 'may', task: { ttl: 60_000 } });
  expect(created['result']).toEqual({
    task: {
      taskId: expect.any(String),
      status: 'working',
      createdAt: '2026-07-28T00:00:00.000Z',
      lastUpdatedAt: '2026-07-28T00:00:00.000Z',
      ttl: 60_000,
      pollInterval: 1000,
    },
  });
  const { taskId } = taskIn(created);
  expect((await session.ask('tasks/get', { taskId }))['result']).toEqual(taskIn(created));
  session.pipe.write(legacy('wait', 'tasks/result', { taskId }));
  expect(await session.ask('tasks/list')).toMatchObject({
    result: { tasks: [taskIn(created)] },
  });
  finish('done');
  expect(await session.next()).toEqual({
    jsonrpc: '2.0',
    id: 'wait',
    result: { content: [text('done')], _meta: { [relatedTask]: { taskId } } },
  });
  const { result } = await session.ask('tasks/get', { taskId });
  expect(result).toMatchObject({ status: 'completed' });
  expect(result).not.toHaveProperty('result');
  expect(session.notices).toEqual([
    { jsonrpc: '2.0', method: 'notifications/tasks/status', params: result },
  ]);
});

cites('tasks-2025/support');
test('wrong use is no method', async () => {
  await using session = await open((server) => {
    server.tool('never', {}, () => '');
    server.tool('must', { task: 'required' }, () => '');
  });
  const never = await session.ask('tools/call', { name: 'never', task: {} });
  expect(never).toMatchObject({ error: { code: -32601 } });
  const must = await session.ask('tools/call', { name: 'must' });
  expect(must).toMatchObject({ error: { code: -32601 } });
});

test('a server without tasks takes no notice of being asked for one', async () => {
  const define = (server: Server): void => void server.tool('plain', {}, () => 'done');
  await using session = await open(define, { extensions: [] });
  expect(await session.ask('tools/call', { name: 'plain', task: { ttl: 1 } })).toMatchObject({
    result: { content: [{ text: 'done' }] },
  });
  expect(await session.ask('tasks/get', { taskId: 'x' })).toMatchObject({
    error: { code: -32601 },
  });
});

cites('tasks-2025/is-error');
test("a tool's own error is a failure here", async () => {
  await using session = await open((server) => {
    server.tool('fails', { task: 'optional' }, () => {
      throw new ToolError('went wrong');
    });
  });
  const { taskId } = taskIn(await session.ask('tools/call', { name: 'fails', task: {} }));
  expect(await session.ask('tasks/result', { taskId })).toMatchObject({
    result: { isError: true, content: [{ text: 'went wrong' }] },
  });
  expect(await session.ask('tasks/get', { taskId })).toMatchObject({
    result: { status: 'failed', statusMessage: 'went wrong' },
  });
});

cites('tasks-2025/cancel');
test('a task that is cancelled is so at once, and only once', async () => {
  await using session = await open((server) => {
    server.tool('may', { task: 'optional' }, () => new Promise<string>(() => undefined));
  });
  const { taskId } = taskIn(await session.ask('tools/call', { name: 'may', task: {} }));
  expect(await session.ask('tasks/cancel', { taskId })).toMatchObject({
    result: { taskId, status: 'cancelled' },
  });
  expect(await session.ask('tasks/cancel', { taskId })).toMatchObject({
    error: { code: -32602 },
  });
  expect(await session.ask('tasks/result', { taskId })).toHaveProperty('error');
  expect(await session.ask('tasks/get', { taskId: 'x' })).toMatchObject({
    error: { code: -32602 },
  });
});

test('questions come live while the task is waited for, and name it', async () => {
  const capabilities = { elicitation: { form: {} } };
  const define = (server: Server): void => {
    server.tool('who', { task: 'optional' }, async (_args, call) => {
      await call.progress(1);
      return (await call.ask.form('who', 'Who?', person)).name;
    });
  };
  await using session = await open(define, { capabilities });
  const { taskId } = taskIn(
    await session.ask('tools/call', { name: 'who', task: {}, _meta: { progressToken: 'p' } }),
  );
  const about = { [relatedTask]: { taskId } };
  const progress = await session.ask('tasks/result', { taskId });
  expect(progress).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 1, _meta: about },
  });
  const question = await session.next();
  expect(question).toMatchObject({
    method: 'elicitation/create',
    params: { message: 'Who?', _meta: about },
  });
  expect(await session.ask('tasks/get', { taskId })).toMatchObject({
    result: { status: 'input_required' },
  });
  const content = { name: 'Ann' };
  session.pipe.write({ jsonrpc: '2.0', id: question['id'], result: { action: 'accept', content } });
  expect(await session.next()).toMatchObject({
    result: { content: [{ text: 'Ann' }], _meta: about },
  });
});

cites('tasks/notice-cancels-nothing');
test('a notice that cancels the call cancels nothing of its task', async () => {
  await using session = await open((server) => {
    server.tool('may', { task: 'optional' }, () => new Promise<string>(() => undefined));
  });
  const knowing = {
    ...modernMeta,
    'io.modelcontextprotocol/clientCapabilities': {
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    },
  };
  const ask = (id: string, method: string, params: object): Promise<JsonObject> => {
    session.pipe.write(legacy(id, method, { ...params, _meta: knowing }));
    return session.next();
  };
  const { result } = await ask('call', 'tools/call', { name: 'may' });
  const { taskId } = result as { taskId: string };
  session.pipe.write({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 'call' },
  });
  expect(await ask('look', 'tasks/get', { taskId })).toMatchObject({
    result: { status: 'working' },
  });
});
