import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Result } from '../../../src/exchange.js';
import { defaultLimits } from '../../../src/limits.js';
import type { Server, StoredTask } from '../../../src/server/index.js';
import { createNodes, type Nodes } from './nodes.js';
import { ann, bob, type Caller, send, turn, until } from './task-calls.js';

const { taskLookMs, taskSaveMs, taskNoteMs } = defaultLimits;
const person = z.object({ name: z.string() });
const anns: Caller = { principal: ann };
const answered = { who: { action: 'accept', content: { name: 'Ann' } } };

let nodes: Nodes;
let started: Server[];
/** What the tools below did, on any node. */
let done: string[];
let finish: (text: string) => void;

const define = (name: string) => (server: Server) => {
  server.tool(
    'slow',
    { task: 'optional' },
    (_args, { signal }) =>
      new Promise<string>((resolve, reject) => {
        finish = resolve;
        signal.addEventListener('abort', () => {
          done.push(`${name} was stopped`);
          reject(signal.reason as Error);
        });
      }),
  );
  server.tool('asks', { task: 'optional' }, async (_args, call) => {
    await call.once('effect', () => void done.push(`${name} paid`));
    const { name: who } = await call.ask.form('who', 'Who?', person);
    done.push(`${name} heard`);
    return `hi ${who}`;
  });
  // Its arguments are looked at for longer than it takes to store an answer.
  const input = z.object({}).refine(async () => {
    for (let turns = 0; turns < 5; turns++) await turn();
    return true;
  });
  server.tool('asks-late', { input, task: 'optional' }, async (_args, call) => {
    const { name: who } = await call.ask.form('who', 'Who?', person);
    return `hi ${who}`;
  });
  server.tool('again', { task: { restartable: true } }, () => {
    done.push(`${name} began`);
    return new Promise<string>((resolve) => (finish = resolve));
  });
  server.tool('tells', { task: 'optional' }, async (_args, call) => {
    await call.log('error', 'first');
    const second = await new Promise<string>((resolve) => (finish = resolve));
    await call.log('error', second);
    return 'done';
  });
  server.tool('notes', { task: 'optional' }, async (_args, call) => {
    call.signal.addEventListener('abort', () => void done.push(`${name} was stopped`));
    await call.progress(1, { of: 2, message: 'half way' });
    return new Promise<string>((resolve) => (finish = resolve));
  });
};

const start = (name: string): Server => {
  const server = nodes.start(name, define(name));
  started.push(server);
  return server;
};
const begin = async (server: Server, name: string): Promise<string> =>
  (await send(server, anns, 'tools/call', { name }))['taskId'] as string;
const get = (server: Server, taskId: string): Promise<Result> =>
  send(server, anns, 'tasks/get', { taskId });
const wait = (server: Server, taskId: string): Promise<Result> =>
  send(server, anns, 'tasks/result', { taskId });
/** A task that waits for answers. */
const beginAsking = async (server: Server, name = 'asks'): Promise<string> => {
  const taskId = await begin(server, name);
  await until(server, anns, taskId, 'input_required');
  return taskId;
};
const update = (server: Server, taskId: string): Promise<Result> =>
  send(server, anns, 'tasks/update', { taskId, inputResponses: answered });
const text = (said: string): object => ({ result: { content: [{ text: said }] } });
const unknown = { status: 'failed', error: { code: 520 } };

beforeEach(() => {
  nodes = createNodes();
  started = [];
  done = [];
});

afterEach(() => {
  for (const server of started) server.close();
});

describe('a task of another node', () => {
  test('is found, listed, and waited for', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    expect(await get(other, taskId)).toMatchObject({ taskId, status: 'working' });
    expect(await send(other, anns, 'tasks/list', {})).toMatchObject({ tasks: [{ taskId }] });
    const waiting = wait(other, taskId);
    await turn();
    finish('done');
    expect(await waiting).toMatchObject({ status: 'completed', ...text('done') });
    expect(await get(other, taskId)).toMatchObject({ status: 'completed', ...text('done') });
  });

  test('is not found by anybody else', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update', 'tasks/result']) {
      const params = { taskId, inputResponses: {} };
      const call = send(other, { principal: bob }, method, params);
      await expect(call).rejects.toMatchObject({ code: -32602 });
    }
    expect(await get(one, taskId)).toMatchObject({ status: 'working' });
  });

  test('is cancelled there', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    const waiting = wait(one, taskId);
    await send(other, anns, 'tasks/cancel', { taskId });
    expect(done).toEqual(['one was stopped']);
    expect(await get(other, taskId)).toMatchObject({ status: 'cancelled' });
    expect(await waiting).toMatchObject({ status: 'cancelled' });
  });

  test('has been cancelled when that is said, and not before', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    const { tasks } = nodes.kept;
    const { put } = tasks;
    let store = (): void => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    const putting = new Promise<void>((resolve) => {
      Object.assign(tasks, {
        put: async (task: StoredTask) => {
          resolve();
          await stored;
          return put(task);
        },
      });
    });
    let isSaid = false;
    const cancelling = send(other, anns, 'tasks/cancel', { taskId }).then(() => (isSaid = true));
    await putting;
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(isSaid).toBe(false);
    store();
    await cancelling;
    expect(await get(other, taskId)).toMatchObject({ status: 'cancelled' });
  });

  test('takes nothing in the name of another, nor what it does not understand', async () => {
    const one = start('one');
    const taskId = await begin(one, 'slow');
    const third = nodes.cluster('third');
    const asked = { owner: 'ann', id: taskId, kind: 'cancel' };
    for (const body of [
      {},
      { ...asked, owner: 'bob' },
      { ...asked, id: 'x' },
      { ...asked, kind: 'x' },
      { ...asked, kind: 'answer' },
      { ...asked, kind: 'answer', responses: { who: 'Ann' } },
    ]) {
      expect(await third.ask('one', 'task', body), JSON.stringify(body)).toBe(false);
    }
    const reader = { owner: 'bob', id: taskId, node: 'third', reader: 'x' };
    expect(await third.ask('one', 'task reader', reader)).toBe(false);
    const notice = { reader: 'x', notification: { method: 'x' } };
    expect(await third.ask('one', 'task notice', notice)).toBe(false);
    expect(await get(one, taskId)).toMatchObject({ status: 'working' });
  });

  test('goes on there with answers that come here', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'asks');
    expect(await wait(other, taskId)).toMatchObject({ status: 'input_required' });
    await update(other, taskId);
    expect(await wait(other, taskId)).toMatchObject(text('hi Ann'));
    expect(done).toEqual(['one paid', 'one heard']);
    // Answers that come too late are no error.
    expect(await update(other, taskId)).toEqual({});
  });

  test('says what it does to whoever waits for it here, from its beginning', async () => {
    const [one, other] = [start('one'), start('other')];
    // As a session asks for a task; what is said before anybody waits is kept for it.
    const created = await send(one, { ...anns, logLevel: 'debug', task: {} }, 'tools/call', {
      name: 'tells',
    });
    const heard: unknown[] = [];
    const caller: Caller = { ...anns, emit: ({ params }) => void heard.push(params?.['data']) };
    const waiting = send(other, caller, 'tasks/result', { taskId: created['taskId'] });
    while (heard.length === 0) await turn();
    finish('second');
    expect(await waiting).toMatchObject(text('done'));
    expect(heard).toEqual(['first', 'second']);
  });

  test('says what it is at, a little later', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'notes');
    await nodes.platform.clock.advance(taskNoteMs);
    await turn();
    expect(await get(other, taskId)).toMatchObject({ statusMessage: 'half way' });
  });

  test('is told of to those who listen here', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    const large = await begin(one, 'asks');
    const heard: { readonly params?: unknown }[] = [];
    const stopper = new AbortController();
    const caller: Caller = {
      ...anns,
      signal: stopper.signal,
      emit: (notice) => void heard.push(notice),
    };
    const notifications = { taskIds: [taskId, large] };
    const listening = send(other, caller, 'subscriptions/listen', { notifications });
    await until(one, anns, large, 'input_required');
    // More than is told between nodes: the other one looks.
    finish('x'.repeat(defaultLimits.sharedNoticeBytesMax));
    await until(other, anns, taskId, 'completed');
    for (let turns = 0; turns < 10; turns++) await turn();
    stopper.abort();
    await listening;
    expect(heard.map(({ params }) => params)).toEqual([
      { notifications },
      expect.objectContaining({ taskId: large, status: 'input_required' }),
      expect.objectContaining({ taskId, status: 'completed', result: expect.anything() }),
    ]);
    expect(JSON.stringify(nodes.told).length).toBeLessThan(defaultLimits.sharedNoticeBytesMax);
  });

  test('counts where it began or anywhere else', async () => {
    const limits = { tasksPerPrincipalMax: 2 };
    const servers = ['one', 'other', 'third'].map((name) =>
      nodes.start(name, define(name), { limits }),
    );
    started.push(...servers);
    const begun = await Promise.allSettled(servers.map((server) => begin(server, 'slow')));
    expect(begun.map(({ status }) => status).toSorted()).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
  });
});

describe('when a node is gone', () => {
  test.each([
    ['a task that waits for answers goes on where they come', 'asks', ['one paid', 'other heard']],
    ['answers count that come before its task is begun again', 'asks-late', []],
  ])('%s', async (_what, name, did) => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await beginAsking(one, name);
    nodes.die('one');
    one.close();
    await update(other, taskId);
    expect(await wait(other, taskId)).toMatchObject(text('hi Ann'));
    expect(done).toEqual(did);
  });

  test('and says so itself, its tasks go on elsewhere at once', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await beginAsking(one);
    // The process goes on, and with it the node.
    one.close();
    await update(other, taskId);
    expect(await wait(other, taskId)).toMatchObject(text('hi Ann'));
  });

  test('another server of it takes its tasks, each once', async () => {
    const one = start('one');
    const taskId = await begin(one, 'again');
    one.close();
    const second = start('one');
    const looks = [1, 2, 3].map(() => get(second, taskId));
    for (const look of await Promise.all(looks)) expect(look).toMatchObject({ status: 'working' });
    await turn();
    expect(done).toEqual(['one began', 'one began']);
  });

  test('one that ran has failed, its outcome unknown', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    nodes.die('one');
    expect(await get(other, taskId)).toMatchObject(unknown);
  });

  test('one that may be done again is, by one node', async () => {
    const [one, other, third] = [start('one'), start('other'), start('third')];
    const taskId = await begin(one, 'again');
    nodes.die('one');
    one.close();
    const looks = [other, third, other, third].map((server) => get(server, taskId));
    for (const look of await Promise.all(looks)) expect(look).toMatchObject({ status: 'working' });
    await turn();
    expect(done).toHaveLength(2);
    finish('done');
    for (const server of [other, third]) {
      expect(await wait(server, taskId)).toMatchObject(text('done'));
    }
  });

  test('who waits for its task notices', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    const waiting = wait(other, taskId);
    await nodes.platform.clock.armed((ms) => ms === taskLookMs);
    nodes.die('one');
    await nodes.platform.clock.advance(taskLookMs);
    expect(await waiting).toMatchObject(unknown);
  });

  test('what it does after all counts no more', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    nodes.lose('one');
    expect(await get(other, taskId)).toMatchObject(unknown);
    finish('done');
    for (let turns = 0; turns < 5; turns++) await turn();
    for (const server of [one, other]) expect(await get(server, taskId)).toMatchObject(unknown);
    expect(JSON.stringify(nodes.told)).not.toContain('completed');
  });

  test('work whose task another has taken is stopped', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'notes');
    nodes.lose('one');
    expect(await get(other, taskId)).toMatchObject(unknown);
    await nodes.platform.clock.advance(taskNoteMs);
    await turn();
    expect(done).toEqual(['one was stopped']);
    expect(await get(one, taskId)).toMatchObject(unknown);
  });
});

describe('when nobody can say', () => {
  test('what is asked of another node is refused, and can be asked again', async () => {
    const [one, other] = [start('one'), start('other')];
    const [slow, asks] = [await begin(one, 'slow'), await beginAsking(one)];
    nodes.part('one', 'other');
    const cancelling = send(other, anns, 'tasks/cancel', { taskId: slow });
    await expect(cancelling).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(update(other, asks)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await get(other, slow)).toMatchObject({ status: 'working' });
    nodes.mend('one', 'other');
    await send(other, anns, 'tasks/cancel', { taskId: slow });
    await update(other, asks);
    expect(await wait(other, asks)).toMatchObject(text('hi Ann'));
    expect(await get(other, slow)).toMatchObject({ status: 'cancelled' });
  });

  test('who waits sees the end though it was not told', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    const waiting = wait(other, taskId);
    await nodes.platform.clock.armed((ms) => ms === taskLookMs);
    nodes.part('one', 'other');
    finish('done');
    await until(one, anns, taskId, 'completed');
    await nodes.platform.clock.advance(taskLookMs);
    expect(await waiting).toMatchObject(text('done'));
  });

  test('an outcome that the store does not take is stored when it is back', async () => {
    const [one, other] = [start('one'), start('other')];
    const taskId = await begin(one, 'slow');
    nodes.isAway = true;
    finish('done');
    await nodes.platform.clock.armed((ms) => ms === taskSaveMs);
    await expect(get(other, taskId)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(begin(other, 'slow')).rejects.toMatchObject({ kind: 'unavailable' });
    nodes.isAway = false;
    expect(await get(other, taskId)).toMatchObject({ status: 'working' });
    await nodes.platform.clock.advance(taskSaveMs);
    expect(await until(other, anns, taskId, 'completed')).toMatchObject(text('done'));
  });

  test('answers that the store does not take are not taken either', async () => {
    const server = start('one');
    const taskId = await beginAsking(server);
    const { tasks } = nodes.kept;
    const put = tasks.put;
    Object.assign(tasks, { put: () => Promise.reject(new Error('away')) });
    await expect(update(server, taskId)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await get(server, taskId)).toMatchObject({ status: 'input_required' });
    expect(done).toEqual(['one paid']);
    Object.assign(tasks, { put });
    await update(server, taskId);
    expect(await wait(server, taskId)).toMatchObject(text('hi Ann'));
  });
});

test('a task whose time is over ends where it runs, and is gone everywhere', async () => {
  const [one, other] = [start('one'), start('other')];
  const { ttlMs, taskId } = await send(one, anns, 'tools/call', { name: 'slow' });
  await begin(other, 'slow');
  await nodes.platform.clock.advance(ttlMs as number);
  for (let turns = 0; turns < 5; turns++) await turn();
  expect(done.toSorted()).toEqual(['one was stopped', 'other was stopped']);
  for (const server of [one, other]) {
    await expect(get(server, taskId as string)).rejects.toMatchObject({ code: -32602 });
    expect(await send(server, anns, 'tasks/list', {})).toEqual({ tasks: [] });
  }
});

test('a task whose time is over is not shown, though nobody has forgotten it yet', async () => {
  const [one, other] = [start('one'), start('other')];
  const { ttlMs, taskId } = await send(one, anns, 'tools/call', { name: 'slow' });
  one.close();
  await nodes.platform.clock.advance(ttlMs as number);
  expect(await nodes.kept.tasks.get('ann', taskId as string)).toBeDefined();
  expect(await send(other, anns, 'tasks/list', {})).toEqual({ tasks: [] });
  await expect(get(other, taskId as string)).rejects.toMatchObject({ code: -32602 });
});

test('what is over makes room for what comes, on a node that knew nothing of it', async () => {
  const limits = { tasksMax: 1 };
  const [one, other] = ['one', 'other'].map((name) => nodes.start(name, define(name), { limits }));
  started.push(one!, other!);
  const { ttlMs } = await send(one!, anns, 'tools/call', { name: 'slow' });
  await expect(begin(other!, 'slow')).rejects.toMatchObject({ kind: 'tooManyRequests' });
  one!.close();
  await nodes.platform.clock.advance(ttlMs as number);
  expect(await begin(other!, 'slow')).toBeDefined();
});
