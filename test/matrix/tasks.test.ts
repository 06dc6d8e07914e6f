import { expect } from 'vitest';
import * as z from 'zod';
import { McpError, tasks, text, ToolError, withTasks } from '../../src/index.js';
import type { TaskState } from '../../src/client/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

const where = {
  transports: ['memory', 'stdio', 'http', 'web'],
  server: { extensions: [tasks()] },
} as const;
const extensions = [withTasks()];
const person = z.object({ name: z.string() });

interface Gate<T> {
  readonly opened: Promise<T>;
  readonly open: (value: T) => void;
}

function gate<T = void>(): Gate<T> {
  let open = (_value: T): void => undefined;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

cites('tasks/shape', 'tasks/get-complete', 'tasks-2025/shape');
matrix('a call that becomes a task is followed to its result', where, async (stage) => {
  const { server, connect, wire } = stage;
  const { opened, open } = gate<string>();
  server.tool('slow', { task: 'optional' }, () => opened);
  const client = await connect({ extensions });
  const seen: string[] = [];
  const begun = gate<string>();
  const result = client.callTool(
    'slow',
    {},
    {
      onTask(task) {
        seen.push(task.status);
        begun.open(task.taskId);
      },
    },
  );
  expect((await begun.opened).length).toBeGreaterThanOrEqual(43);
  open('done');
  expect((await result).content).toEqual([text('done')]);
  expect(seen[0]).toBe('working');
  expect(seen.at(-1)).toBe('completed');
  if (stage.era === 'legacy') return expect(wire.text('server')).toContain('"task":');
  const types = wire.messages('server').flatMap(({ result }) => {
    const { resultType, status } = (result ?? {}) as { resultType?: string; status?: string };
    return status === undefined ? [] : [resultType];
  });
  expect(types[0]).toBe('task');
  expect(new Set(types.slice(1))).toEqual(new Set(['complete']));
});

cites('tasks/only-tools');
matrix('nothing but calls of tools becomes a task', where, async ({ server, connect, wire }) => {
  server.tool('slow', { task: 'optional' }, () => '');
  server.prompt('hello', {}, () => 'hello');
  server.resource('test://hello', {}, () => 'hello');
  const client = await connect({ extensions });
  expect((await client.getPrompt('hello')).messages).toHaveLength(1);
  expect((await client.readResource('test://hello')).contents).toHaveLength(1);
  expect(await client.listTools()).toHaveLength(1);
  expect(wire.text()).not.toContain('taskId');
});

cites('tasks/removed');
matrix(
  'the stateless era neither lists tasks nor waits for results',
  { transports: ['memory', 'stdio', 'http'], eras: ['modern'], server: { extensions: [tasks()] } },
  async ({ server, connect }) => {
    server.tool('slow', { task: 'optional' }, () => '');
    const client = await connect({ extensions });
    await expect(client.tasks.list()).rejects.toMatchObject({ code: -32601 });
    const waiting = client.request('tasks/result', { taskId: 'x' });
    await expect(waiting).rejects.toMatchObject({ code: -32601 });
  },
);

cites('tasks/only-declared');
matrix('without the extension the same call waits', where, async ({ server, connect, wire }) => {
  server.tool('slow', { task: 'optional' }, () => 'done');
  const client = await connect();
  expect((await client.callTool('slow')).content).toEqual([text('done')]);
  expect(wire.text()).not.toContain('taskId');
  await expect(client.tasks.get('x')).rejects.toThrow('withTasks');
});

matrix('a tool that needs a task says so', where, async ({ server, connect, era }) => {
  server.tool('slow', { task: 'required' }, () => 'done');
  const client = await connect();
  const expected =
    era === 'modern'
      ? {
          code: -32021,
          data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
        }
      : { code: -32601 };
  await expect(client.callTool('slow')).rejects.toMatchObject(expected);
  const knowing = await connect({ extensions });
  expect((await knowing.callTool('slow')).content).toEqual([text('done')]);
});

matrix('a server without the extension has no tasks', async ({ server, connect }) => {
  server.tool('slow', {}, () => 'done');
  const client = await connect({ extensions });
  expect((await client.callTool('slow')).content).toEqual([text('done')]);
  await expect(client.request('tasks/get', { taskId: 'x' })).rejects.toMatchObject({
    code: -32601,
  });
  expect(() => server.tool('other', { task: 'optional' }, () => '')).toThrow('tasks()');
});

matrix('what a task asks is answered while it is followed', where, async (stage) => {
  const { server, connect } = stage;
  let entered = 0;
  server.tool('ask', { task: 'optional' }, async (_args, { ask }) => {
    entered++;
    const [a, b] = await Promise.all([ask.form('a', 'A?', person), ask.form('b', 'B?', person)]);
    const c = await ask.form('c', `C, ${a.name}?`, person);
    return `${a.name} ${b.name} ${c.name}`;
  });
  const client = await connect({
    extensions,
    answers: { form: ({ message }) => ({ name: message }) },
  });
  const result = client.callTool('ask');
  const done = result.then(() => undefined);
  await moveUntil(stage, done);
  expect((await result).content).toEqual([text('A? B? C, A??')]);
  expect(entered).toBe(3);
});

cites('tasks/is-error', 'tasks/failed');
matrix('a tool error is a result, a protocol error an error', where, async (stage) => {
  const { server, connect } = stage;
  server.tool('failing', { task: 'optional' }, () => {
    throw new ToolError('went wrong');
  });
  server.tool('broken', { task: 'optional' }, () => {
    throw new McpError('forbidden', 'not for you');
  });
  const client = await connect({ extensions });
  const states: TaskState[] = [];
  const onTask = (task: TaskState): void => void states.push(task);
  const failed = await client.callTool('failing', {}, { onTask });
  expect(failed).toMatchObject({ isError: true, content: [text('went wrong')] });
  expect(states.at(-1)?.status).toBe('completed');
  await expect(client.callTool('broken', {}, { onTask })).rejects.toMatchObject({
    code: 403,
    message: 'not for you',
  });
  expect(states.at(-1)).toMatchObject({ status: 'failed', error: { code: 403 } });
});

cites('cancel/not-tasks', 'tasks-2025/cancel');
matrix('a call that is cancelled cancels its task', where, async ({ server, connect, wire }) => {
  const [begun, aborted] = [gate(), gate()];
  server.tool('slow', { task: 'optional' }, async (_args, { signal }) => {
    begun.open();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    aborted.open();
    return 'too late';
  });
  const client = await connect({ extensions });
  const controller = new AbortController();
  const taskId = gate<string>();
  const result = client.callTool(
    'slow',
    {},
    {
      signal: controller.signal,
      onTask: (task) => taskId.open(task.taskId),
    },
  );
  await begun.opened;
  const id = await taskId.opened;
  controller.abort();
  await expect(result).rejects.toMatchObject({ kind: 'cancelled' });
  await aborted.opened;
  expect(await client.tasks.get(id)).toMatchObject({ taskId: id, status: 'cancelled' });
  const [call] = wire.messages('client', 'tools/call');
  const cancelled = wire.messages('client', 'notifications/cancelled');
  expect(cancelled.map(({ params }) => (params as { requestId: unknown }).requestId)).not.toContain(
    call?.['id'],
  );
  expect(wire.messages('client', 'tasks/cancel')).toHaveLength(1);
});

matrix('a task outlives the client that began it', where, async ({ server, connect }) => {
  const { opened, open } = gate<string>();
  server.tool('slow', { task: 'optional' }, () => opened);
  const first = await connect({ extensions });
  const taskId = gate<string>();
  const call = first.callTool('slow', {}, { onTask: (task) => taskId.open(task.taskId) });
  const lost = expect(call).rejects.toBeInstanceOf(McpError);
  const id = await taskId.opened;
  await first.close();
  await lost;
  open('found');
  const second = await connect({ extensions });
  expect((await second.tasks.result(id)).content).toEqual([text('found')]);
  await second.tasks.cancel(id);
  expect(await second.tasks.get(id)).toMatchObject({ status: 'completed' });
});

cites('tasks/unknown');
matrix('ids that nobody has are refused', where, async ({ server, connect }) => {
  server.tool('slow', { task: 'optional' }, () => '');
  const client = await connect({ extensions });
  for (const ask of [client.tasks.get, client.tasks.cancel, client.tasks.result]) {
    await expect(ask('no such task')).rejects.toMatchObject({ code: -32602 });
  }
});

matrix('a task is gone when its time is over, and not before', where, async (stage) => {
  const { server, connect, clock } = stage;
  const aborted = gate();
  server.tool('slow', { task: { ttlMs: 5000 } }, async (_args, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    aborted.open();
    return '';
  });
  const client = await connect({ extensions });
  const taskId = gate<string>();
  const result = client.callTool('slow', {}, { onTask: (task) => taskId.open(task.taskId) });
  const ended = expect(result).rejects.toBeInstanceOf(McpError);
  const id = await taskId.opened;
  await clock.advance(4999);
  expect(await client.tasks.get(id)).toMatchObject({ status: 'working' });
  await clock.advance(1);
  await aborted.opened;
  await expect(client.tasks.get(id)).rejects.toMatchObject({ code: -32602 });
  await moveUntil(stage, ended);
});

matrix('progress of a task is shown while it is followed', where, async (stage) => {
  const { server, connect, era } = stage;
  const { opened, open } = gate();
  server.tool('slow', { task: 'optional' }, async (_args, call) => {
    await call.progress(1, { of: 2, message: 'half way' });
    await opened;
    return 'done';
  });
  const client = await connect({ extensions });
  const told = gate();
  const result = client.callTool(
    'slow',
    {},
    {
      onProgress: ({ done }) => era === 'legacy' && done === 1 && told.open(),
      onTask: ({ statusMessage }) => statusMessage === 'half way' && told.open(),
    },
  );
  await told.opened;
  open();
  expect((await result).content).toEqual([text('done')]);
});

/** Lets polls come due until `done`. */
async function moveUntil(
  { clock }: { clock: { advance(ms: number): Promise<void> } },
  done: Promise<unknown>,
): Promise<void> {
  let isDone = false;
  const finished = done.finally(() => (isDone = true));
  while (!isDone) await clock.advance(1500);
  await finished;
}
