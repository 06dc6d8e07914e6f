import { serverPeer } from '../../engine/link.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { extensionIds, extensionSettings, withExtension } from '../../protocol/extensions.js';
import type { Task } from '../../protocol/legacy.types.js';
import { createTaskResult, task as taskChecker } from '../../protocol/checkers/tasks.js';
import { read } from '../../protocol/check.js';
import { progressTokenOf } from '../../protocol/meta.js';
import type { ServerCapabilities } from '../../protocol/modern.types.js';
import { isTerminal, taskNotice, type TaskState } from '../../protocol/tasks.js';
import type { Caller } from '../caller.js';
import { fromTask, taskNoticeBefore } from './task-words.js';

export interface LegacyTasksOptions {
  readonly caller: Caller;
  readonly nextId: () => number;
  readonly pagesMax: number;
  readonly send: Exchange;
}

/** The tasks of a session of 2025-11-25, for a client that speaks of them as the extension does. */
export interface LegacyTasks {
  readonly exchange: Exchange;
  /** A notice in newer words; hands on progress that belongs to a task. */
  translate(notification: Notification): Notification | undefined;
}

interface Followed {
  readonly token: string | number | undefined;
  readonly io: Io | undefined;
  /** `tasks/result`, which waits: the server asks and tells on its stream. */
  readonly outcome: Promise<Result | McpError>;
  /** Nothing is asked or told any more. */
  isOver: boolean;
}

type Support = 'optional' | 'required' | 'forbidden';

export function createLegacyTasks(options: LegacyTasksOptions): LegacyTasks {
  const { nextId, send } = options;
  const support = new Map<unknown, Support>();
  const followed = new Map<string, Followed>();

  const ask = (method: string, params: JsonObject, io: Io): Promise<Result> =>
    send({ id: nextId(), method, params }, io);
  const learn = (result: Result): Result => {
    for (const tool of (result['tools'] ?? []) as readonly JsonObject[]) {
      const execution = isJsonObject(tool['execution']) ? tool['execution'] : {};
      support.set(tool['name'], (execution['taskSupport'] ?? 'forbidden') as Support);
    }
    return result;
  };
  const readTools = async (io: Io): Promise<void> => {
    let params: JsonObject = {};
    for (let page = 0; page < options.pagesMax; page++) {
      const { nextCursor } = learn(await ask('tools/list', params, io));
      if (nextCursor === undefined) return;
      params = { cursor: nextCursor };
    }
  };
  const follow = (taskId: string, token: Followed['token'], io: Io | undefined): Followed => {
    const own: Io = {
      // Its life is the task's, not that of the request by which it is looked at.
      signal: new AbortController().signal,
      peer: serverPeer,
      emit: (notification) => io?.emit(notification),
    };
    const outcome = ask('tasks/result', { taskId }, own).catch((thrown: unknown) =>
      McpError.from(thrown),
    );
    const entry = { token, io, outcome, isOver: false };
    followed.set(taskId, entry);
    void outcome.then(() => (entry.isOver = true));
    return entry;
  };
  /** What the state of a task lacks in the older words. */
  const complete = async (task: Task): Promise<TaskState> => {
    const state = fromTask(task);
    const { taskId, status } = state;
    // Its questions come live, on the stream of `tasks/result`; nobody has to fetch them.
    if (status === 'input_required') {
      const waiting = followed.get(taskId);
      if (waiting?.isOver !== false) follow(taskId, waiting?.token, waiting?.io);
      return { ...state, status: 'working' };
    }
    if (!isTerminal(status)) return state;
    const { token, io, outcome } = followed.get(taskId) ?? follow(taskId, undefined, undefined);
    followed.delete(taskId);
    if (status === 'cancelled') return state;
    let found = await outcome;
    // It may have been the waiting that failed: by now the outcome is there to be asked for again.
    if (found instanceof McpError) {
      found = await follow(taskId, token, io).outcome;
      followed.delete(taskId);
    }
    if (!(found instanceof McpError)) return { ...state, status: 'completed', result: found };
    if (!found.fromPeer) throw found;
    return { ...state, status: 'failed', error: found.toWire() };
  };
  const look = async (params: JsonObject | undefined, io: Io): Promise<Task> => {
    const task = await ask('tasks/get', { taskId: params?.['taskId'] }, io);
    return read(taskChecker, task, 'result', 'badResponse');
  };
  const callOnce = async (request: Request, io: Io): Promise<Result> => {
    const kind = support.get(request.params?.['name']);
    if (kind !== 'optional' && kind !== 'required') return send(request, io);
    const params = { ...request.params, task: {} };
    const result = await send({ ...request, params }, io);
    if (!isJsonObject(result['task'])) return result;
    const { task } = read(createTaskResult, result, 'result', 'badResponse');
    follow(task.taskId, progressTokenOf(request.params), io);
    return { resultType: 'task', ...fromTask(task) };
  };

  const own: { readonly [method: string]: Exchange } = {
    'tools/list': async (request, io) => learn(await send(request, io)),
    async 'tools/call'(request, io) {
      if (!support.has(request.params?.['name'])) await readTools(io);
      try {
        return await callOnce(request, io);
      } catch (thrown) {
        // How a tool may be called can have changed since it was listed.
        if (!(thrown instanceof McpError) || thrown.kind !== 'methodNotFound') throw thrown;
        await readTools(io);
        return callOnce({ ...request, id: nextId() }, io);
      }
    },
    'tasks/get': async ({ params }, io) => ({ ...(await complete(await look(params, io))) }),
    async 'tasks/cancel'({ params }, io) {
      try {
        await ask('tasks/cancel', { taskId: params?.['taskId'] }, io);
      } catch (thrown) {
        // To cancel what has ended is no error in the newer words.
        if (!isTerminal((await look(params, io)).status)) throw thrown;
      }
      followed.delete(String(params?.['taskId']));
      return {};
    },
    async 'tasks/list'(request, io) {
      const page = await send(request, io);
      return { ...page, tasks: ((page['tasks'] ?? []) as readonly Task[]).map(fromTask) };
    },
  };

  return {
    exchange: (request, io) =>
      Object.hasOwn(own, request.method) ? own[request.method]!(request, io) : send(request, io),
    translate(notification) {
      const { method, params } = notification;
      if (method === taskNoticeBefore) {
        return { method: taskNotice, params: { ...fromTask(params as unknown as Task) } };
      }
      const token = method === 'notifications/progress' ? params?.['progressToken'] : undefined;
      if (token === undefined) return notification;
      for (const one of followed.values()) if (one.token === token) void one.io?.emit(notification);
      return undefined;
    },
  };
}

/** Whether the caller wants tasks, and the server has them in the words of 2025-11-25. */
export function hasTasksBefore(caller: Caller, capabilities: JsonObject): boolean {
  if (extensionSettings(caller.capabilities, extensionIds.tasks) === undefined) return false;
  const { tasks } = capabilities;
  const requests = isJsonObject(tasks) ? tasks['requests'] : undefined;
  const tools = isJsonObject(requests) ? requests['tools'] : undefined;
  return isJsonObject(tools) && tools['call'] !== undefined;
}

/** What such a server declares, in the newer words. */
export function declaredSince(
  caller: Caller,
  capabilities: ServerCapabilities,
): ServerCapabilities {
  const isOn = hasTasksBefore(caller, { ...capabilities });
  return withExtension(capabilities, extensionIds.tasks, isOn ? {} : undefined);
}
