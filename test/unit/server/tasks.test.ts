import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createServer, type Server, tasks, type TaskStore } from '../../../src/server/index.js';
import { memoryTasks } from '../../../src/stores/memory-tasks.js';
import { type ManualPlatform, manualPlatform } from '../../../src/testing/index.js';
import { cites } from '../../requirements.js';
import { ann, bob, type Caller, send, turn, until } from './task-calls.js';

const person = z.object({ name: z.string() });
const anns: Caller = { principal: ann };
const bobs: Caller = { principal: bob };

let platform: ManualPlatform;
let store: TaskStore;
let reported: unknown[];

function serverWith(limits: Partial<Server['limits']> = {}): Server {
  return createServer({
    name: 'tasks',
    version: '1.0.0',
    platform,
    limits,
    extensions: [tasks({ store })],
    onError: (thrown) => void reported.push(thrown),
  });
}

function answer(name: string): { action: string; content: unknown } {
  return { action: 'accept', content: { name } };
}

function waits(server: Server): void {
  server.tool(
    'waits',
    { task: 'optional' },
    (_args, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
}

const begin = async (server: Server, caller: Caller, name: string): Promise<string> =>
  (await send(server, caller, 'tools/call', { name }))['taskId'] as string;

beforeEach(() => {
  platform = manualPlatform();
  store = memoryTasks();
  reported = [];
});

cites('tasks/shape', 'tasks/unguessable');
test('the handle says when and how often, and nothing of the outcome', async () => {
  const server = serverWith();
  server.tool('quick', { task: { ttlMs: 5000, pollIntervalMs: 70 } }, () => 'done');
  const created = await send(server, anns, 'tools/call', { name: 'quick' });
  expect(created).toEqual({
    resultType: 'task',
    taskId: expect.stringMatching(/^[\w-]{43}$/),
    status: 'working',
    createdAt: '2026-07-28T00:00:00.000Z',
    lastUpdatedAt: '2026-07-28T00:00:00.000Z',
    ttlMs: 5000,
    pollIntervalMs: 70,
  });
  expect(await until(server, anns, created['taskId'], 'completed')).toMatchObject({
    result: { content: [{ text: 'done' }] },
  });
});

test('arguments that do not fit are answered at once', async () => {
  const server = serverWith();
  server.tool('greet', { input: person, task: 'optional' }, ({ name }) => name);
  const params = { name: 'greet', arguments: { name: 1 } };
  expect(await send(server, anns, 'tools/call', params)).toMatchObject({ isError: true });
  await expect(send(server, { ...anns, task: {} }, 'tools/call', params)).rejects.toMatchObject({
    code: -32602,
  });
});

cites('tasks/owner');
test('nobody sees the tasks of another', async () => {
  const server = serverWith();
  waits(server);
  const taskId = await begin(server, anns, 'waits');
  for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update', 'tasks/result']) {
    const params = { taskId, inputResponses: {} };
    await expect(send(server, bobs, method, params)).rejects.toMatchObject({ code: -32602 });
  }
  expect(await send(server, bobs, 'tasks/list', {})).toEqual({ tasks: [] });
  expect(await send(server, anns, 'tasks/get', { taskId })).toMatchObject({ status: 'working' });
  server.close();
});

cites('tasks-2025/no-anonymous-list');
test('whoever is anonymous lists nothing', async () => {
  const server = serverWith();
  const caller = { principal: { id: 'anonymous', anonymous: true } };
  await expect(send(server, caller, 'tasks/list', {})).rejects.toMatchObject({ code: -32601 });
});

test('lists have pages, in the order of creation', async () => {
  const server = serverWith({ pageItemsMax: 2 });
  waits(server);
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.push(await begin(server, anns, 'waits'));
  await begin(server, bobs, 'waits');
  const first = await send(server, anns, 'tasks/list', {});
  const second = await send(server, anns, 'tasks/list', { cursor: first['nextCursor'] });
  const listed = [first, second].flatMap((page) => page['tasks'] as { taskId: string }[]);
  expect(listed.map(({ taskId }) => taskId)).toEqual(ids);
  expect(second['nextCursor']).toBeUndefined();
  await expect(send(server, anns, 'tasks/list', { cursor: 'x' })).rejects.toMatchObject({
    code: -32602,
  });
  server.close();
});

test('there are so many tasks, of one caller and of all', async () => {
  const server = serverWith({ tasksMax: 3, tasksPerPrincipalMax: 2 });
  waits(server);
  const first = await begin(server, anns, 'waits');
  await begin(server, anns, 'waits');
  await expect(begin(server, anns, 'waits')).rejects.toMatchObject({ kind: 'tooManyRequests' });
  await begin(server, bobs, 'waits');
  await expect(begin(server, bobs, 'waits')).rejects.toMatchObject({ kind: 'tooManyRequests' });
  // What is cancelled is still kept for those who look.
  await send(server, anns, 'tasks/cancel', { taskId: first });
  await expect(begin(server, anns, 'waits')).rejects.toMatchObject({ kind: 'tooManyRequests' });
  await platform.clock.advance(server.limits.taskTtlMs);
  expect(await begin(server, anns, 'waits')).toHaveLength(43);
  server.close();
});

test('a time that is asked for has its bound', async () => {
  const server = serverWith({ taskTtlMsMax: 9000, taskTtlMs: 500 });
  server.tool('a', { task: 'optional' }, () => '');
  const call = (ttlMs: number): Promise<unknown> =>
    send(server, { ...anns, task: { ttlMs } }, 'tools/call', { name: 'a' });
  expect(await call(7000)).toMatchObject({ ttlMs: 7000 });
  expect(await call(70_000)).toMatchObject({ ttlMs: 9000 });
  expect(await call(-1)).toMatchObject({ ttlMs: 1 });
  expect(() => server.tool('b', { task: { ttlMs: 9001 } }, () => '')).toThrow('1 to 9000');
  server.close();
});

cites('tasks/terminal');
test('cancelling is heard once, and changes nothing that has ended', async () => {
  const server = serverWith();
  waits(server);
  server.tool('quick', { task: 'optional' }, () => 'done');
  const taskId = await begin(server, anns, 'waits');
  for (let times = 0; times < 2; times++) {
    expect(await send(server, anns, 'tasks/cancel', { taskId })).toEqual({});
    await turn();
    const task = await send(server, anns, 'tasks/get', { taskId });
    expect(task).toMatchObject({ status: 'cancelled' });
  }
  const ended = await begin(server, anns, 'quick');
  await until(server, anns, ended, 'completed');
  await send(server, anns, 'tasks/cancel', { taskId: ended });
  expect(await send(server, anns, 'tasks/get', { taskId: ended })).toMatchObject({
    status: 'completed',
  });
  expect(reported).toEqual([]);
});

describe('questions', () => {
  cites('tasks/input-keys');
  test('a question put anew has a new key, and only what is asked counts', async () => {
    const server = serverWith();
    server.tool('who', { task: 'optional' }, async (_args, { ask }) => {
      const { name } = await ask.form('who', 'Who?', person);
      return name;
    });
    const taskId = await begin(server, anns, 'who');
    const update = (inputResponses: object): Promise<unknown> =>
      send(server, anns, 'tasks/update', { taskId, inputResponses });
    await until(server, anns, taskId, 'input_required');
    await update({ stranger: answer('x') });
    expect(await send(server, anns, 'tasks/get', { taskId })).toMatchObject({
      inputRequests: { who: { method: 'elicitation/create' } },
    });
    await update({ who: { action: 'accept', content: { name: 1 } } });
    const again = await until(server, anns, taskId, 'input_required');
    expect(Object.keys(again['inputRequests'] as object)).toEqual(['who-2']);
    await update({ who: answer('too late') });
    await update({ 'who-2': answer('Ann') });
    expect(await until(server, anns, taskId, 'completed')).toMatchObject({
      result: { content: [{ text: 'Ann' }] },
    });
  });

  cites('tasks/partial-answers');
  test('some may be answered before others', async () => {
    const server = serverWith();
    server.tool('both', { task: 'optional' }, async (_args, { ask }) => {
      const both = await Promise.all([ask.form('a', 'A', person), ask.form('b', 'B', person)]);
      return both.map(({ name }) => name).join(' ');
    });
    const taskId = await begin(server, anns, 'both');
    await until(server, anns, taskId, 'input_required');
    await send(server, anns, 'tasks/update', { taskId, inputResponses: { b: answer('Bo') } });
    const task = await send(server, anns, 'tasks/get', { taskId });
    expect(task['status']).toBe('input_required');
    expect(Object.keys(task['inputRequests'] as object)).toEqual(['a']);
    await send(server, anns, 'tasks/update', { taskId, inputResponses: { a: answer('Al') } });
    expect(await until(server, anns, taskId, 'completed')).toMatchObject({
      result: { content: [{ text: 'Al Bo' }] },
    });
  });

  test('those that come before the task go to the caller', async () => {
    const server = serverWith();
    const task = { starts: 'by handler' } as const;
    server.tool('first', { task }, async (_args, call) => {
      const { name } = await call.ask.form('who', 'Who?', person);
      await call.startTask();
      await call.startTask();
      const { name: other } = await call.ask.form('other', 'And?', person);
      return `${name} ${other}`;
    });
    const params = { name: 'first' };
    const asked = await send(server, anns, 'tools/call', params);
    expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { who: {} } });
    expect(asked).not.toHaveProperty('taskId');
    const { requestState } = asked;
    const inputResponses = { who: answer('Ann') };
    const more = { ...params, requestState, inputResponses };
    const begun = await send(server, anns, 'tools/call', more);
    expect(begun).toMatchObject({ resultType: 'task' });
    const { taskId } = begun;
    await until(server, anns, taskId, 'input_required');
    await send(server, anns, 'tasks/update', { taskId, inputResponses: { other: answer('Bo') } });
    expect(await until(server, anns, taskId, 'completed')).toMatchObject({
      result: { content: [{ text: 'Ann Bo' }] },
    });
  });
});

describe('after a restart', () => {
  const restarted = (first: Server): Server => {
    first.close();
    return serverWith();
  };

  test('results stay readable', async () => {
    const first = serverWith();
    first.tool('quick', { task: 'optional' }, () => 'done');
    const taskId = await begin(first, anns, 'quick');
    await until(first, anns, taskId, 'completed');
    const second = restarted(first);
    expect(await send(second, anns, 'tasks/get', { taskId })).toMatchObject({
      status: 'completed',
      result: { content: [{ text: 'done' }] },
    });
  });

  test('a task that waits for answers goes on with them', async () => {
    let effects = 0;
    const define = (server: Server): void => {
      server.tool('who', { task: 'optional' }, async (_args, call) => {
        await call.once('effect', () => ++effects);
        return (await call.ask.form('who', 'Who?', person)).name;
      });
    };
    const first = serverWith();
    define(first);
    const taskId = await begin(first, anns, 'who');
    await until(first, anns, taskId, 'input_required');
    const second = restarted(first);
    define(second);
    await send(second, anns, 'tasks/update', { taskId, inputResponses: { who: answer('Ann') } });
    expect(await until(second, anns, taskId, 'completed')).toMatchObject({
      result: { content: [{ text: 'Ann' }] },
    });
    expect(effects).toBe(1);
  });

  test('work that was cut off has failed, unless it may be done again', async () => {
    const first = serverWith();
    waits(first);
    const options = { task: { restartable: true } };
    first.tool('again', options, () => new Promise(() => undefined));
    const cut = await begin(first, anns, 'waits');
    const again = await begin(first, anns, 'again');
    const second = restarted(first);
    second.tool('again', options, () => 'done again');
    expect(await send(second, anns, 'tasks/get', { taskId: cut })).toMatchObject({
      status: 'failed',
      error: { code: 520 },
    });
    expect(await until(second, anns, again, 'completed')).toMatchObject({
      result: { content: [{ text: 'done again' }] },
    });
  });
});

cites('tasks/undeclared');
test('the extension is for those who declare it', async () => {
  const server = serverWith();
  const plain: Caller = { principal: ann, capabilities: { elicitation: {} } };
  const requiredCapabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const missing = { code: -32021, data: { requiredCapabilities } };
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
    const params = { taskId: 'x', inputResponses: {} };
    await expect(send(server, plain, method, params)).rejects.toMatchObject(missing);
  }
  const notifications = { taskIds: ['x'] };
  const listening = send(server, plain, 'subscriptions/listen', { notifications });
  await expect(listening).rejects.toMatchObject(missing);
});

cites('tasks/notices', 'tasks/get-inlines');
test('changes are told to those who named the task and own it', async () => {
  const server = serverWith();
  let finish = (_text: string): void => undefined;
  server.tool('slow', { task: 'optional' }, () => new Promise((resolve) => (finish = resolve)));
  const taskId = await begin(server, anns, 'slow');
  const heard: { readonly method: string; readonly params?: unknown }[] = [];
  const stopper = new AbortController();
  const listen = (caller: Caller): Promise<unknown> =>
    send(
      server,
      { ...caller, signal: stopper.signal, emit: (notice) => void heard.push(notice) },
      'subscriptions/listen',
      { notifications: { taskIds: [taskId, 'unknown'] } },
    );
  const listening = [listen(anns), listen(bobs)];
  await turn();
  expect(heard.map(({ params }) => params)).toEqual([
    { notifications: { taskIds: [taskId] } },
    { notifications: { taskIds: [] } },
  ]);
  finish('done');
  const params = await until(server, anns, taskId, 'completed');
  await turn();
  expect(heard.slice(2)).toEqual([{ method: 'notifications/tasks', params }]);
  stopper.abort();
  await Promise.all(listening);
});
