import { McpError } from '../../errors.js';
import type { Exchange, Io, Request, Result } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { extensionIds, withExtension } from '../../protocol/extensions.js';
import { isTerminal, type TaskState } from '../../protocol/tasks.js';
import type { Announce } from './announce.js';
import { downConvert } from './down-convert.js';
import { askAll, type InputRoundsOptions } from './input-rounds.js';
import { SessionIo } from './session-io.js';
import { related, taskRevision, toTask } from './task-words.js';

export interface TaskSessionOptions extends InputRoundsOptions {
  readonly announce: Announce;
}

/** What a session says of tasks, where `isOfTask` says that it is asked about one. */
export type TaskSession = Answer;

type Answer = (request: Request, io: Io) => Promise<Result>;

/**
 * Tasks as sessions of 2025-11-25 have them: the caller asks for one, and waits with `tasks/result`
 * or looks with `tasks/get`. Behind it are the tasks of the extension.
 */
export function createTaskSession(next: Exchange, options: TaskSessionOptions): TaskSession {
  const { record, announce } = options;
  /** Questions of a task that are being put to the caller now: once, whoever waits. */
  const asking = new Map<string, Promise<void>>();

  const ask = async (method: string, params: JsonObject, io: Io): Promise<TaskState> =>
    (await next({ id: 0, method, params }, io)) as unknown as TaskState;
  const put = async (state: TaskState, io: Io): Promise<void> => {
    const { taskId } = state;
    try {
      const answers = await askAll({ ...state }, io, options, (params) => related(params, taskId));
      await ask('tasks/update', { taskId, inputResponses: answers }, io);
    } catch (thrown) {
      // Whoever will not answer does not want the task either, unless only the line broke.
      if (thrown instanceof McpError && thrown.kind === 'invalidRequest') {
        await ask('tasks/cancel', { taskId }, io);
      }
      throw thrown;
    } finally {
      asking.delete(taskId);
    }
  };
  const ended = async (taskId: string, io: Io): Promise<TaskState> => {
    const marking = markingIo(io, taskId);
    for (;;) {
      const state = await ask('tasks/result', { taskId }, marking);
      if (isTerminal(state.status)) return state;
      const putting = asking.get(taskId) ?? put(state, io);
      asking.set(taskId, putting);
      await putting;
    }
  };

  const answers: { readonly [method: string]: Answer } = {
    async 'tools/call'(request, io) {
      const { task, ...params } = request.params ?? {};
      const ttlMs = isJsonObject(task) ? (task['ttl'] as number | undefined) : undefined;
      const wanted = ttlMs === undefined ? {} : { ttlMs };
      const result = await next({ ...request, params }, withTasks(io, wanted));
      if (result['resultType'] !== 'task') {
        return downConvert(request.method, result, record.protocolVersion);
      }
      const state = result as unknown as TaskState;
      announce.watchTask(state.taskId);
      return { task: toTask(state) };
    },
    'tasks/get': async ({ params }, io) => toTask(await ask('tasks/get', { ...params }, io)),
    async 'tasks/cancel'({ params }, io) {
      const { status } = await ask('tasks/get', { ...params }, io);
      if (isTerminal(status)) throw overAlready(status);
      await ask('tasks/cancel', { ...params }, io);
      return toTask(await ask('tasks/get', { ...params }, io));
    },
    async 'tasks/list'({ params }, io) {
      const page = await next({ id: 0, method: 'tasks/list', params: { ...params } }, io);
      return { ...page, tasks: (page['tasks'] as readonly TaskState[]).map(toTask) };
    },
    async 'tasks/result'({ params }, io) {
      const taskId = params?.['taskId'] as string;
      // It waits for as long as the task takes.
      io.deadline?.pause();
      const { status, result, error } = await ended(taskId, io);
      if (result !== undefined) {
        return related(downConvert('tools/call', result, record.protocolVersion), taskId);
      }
      throw status === 'cancelled' || error === undefined
        ? new McpError('cancelled', 'The task was cancelled')
        : new McpError('peer', error.message, error);
    },
  };

  return (request, io) => {
    const isCall = request.method === 'tools/call';
    return answers[request.method]!(request, isCall ? io : withTasks(io));
  };
}

const ofTasks: ReadonlySet<string> = new Set([
  'tasks/get',
  'tasks/cancel',
  'tasks/list',
  'tasks/result',
]);

/** Whether a request of a session is about a task. */
export function isOfTask({ method, params }: Request, protocolVersion: string): boolean {
  if (protocolVersion !== taskRevision) return false;
  return method === 'tools/call' ? params?.['task'] !== undefined : ofTasks.has(method);
}

/** The caller knows tasks, whatever it declared: this request is about one. */
function withTasks(io: Io, task?: Io['task']): SessionIo {
  const { peer } = io;
  const capabilities = withExtension(peer.capabilities, extensionIds.tasks, {});
  return new SessionIo(io, { ...peer, capabilities }, task);
}

/** What a task says while it is waited for names the task. */
function markingIo(io: Io, taskId: string): Io {
  return {
    get signal() {
      return io.signal;
    },
    peer: io.peer,
    emit: ({ method, params }) => io.emit({ method, params: related(params, taskId) }),
  };
}

function overAlready(status: string): McpError {
  return new McpError('invalidParams', `Cannot cancel the task: it is ${status} already`);
}
