import { serverPeer } from '../engine/link.js';
import { McpError } from '../errors.js';
import type { Middleware, Result } from '../exchange.js';
import type { Limits } from '../limits.js';
import { check } from '../protocol/check.js';
import { extensionIds } from '../protocol/extensions.js';
import { createdTask, taskListMethod, taskMethods, type TaskState } from '../protocol/tasks.js';
import type { CallToolResult } from '../protocol/modern.types.js';
import type { CallOptions, MakeCall } from './call.js';
import type { ClientExtension } from './extension.js';
import { type Follow, followTasks } from './follow-task.js';
import { allPages } from './paging.js';
import type { CallIo } from './retry-lost.js';

/**
 * Tasks: a server may answer calls of tools with a handle. `callTool` follows it and returns the
 * result as ever: it looks as often as the server asks for, answers what the task asks, and cancels
 * it when the call is cancelled.
 */
export function withTasks(): ClientExtension {
  return {
    id: extensionIds.tasks,
    methods: [...taskMethods, taskListMethod],
    open: (host) => middleware(followTasks(host)),
  };
}

function middleware(follow: Follow): Middleware {
  return (next) => async (request, io) => {
    const result = await next(request, io);
    if (result['resultType'] !== 'task' || request.method !== 'tools/call') return result;
    return follow(readCreated(result), io);
  };
}

function readCreated(result: Result): TaskState {
  const problem = check(createdTask, result, 'result');
  if (problem !== undefined) throw new McpError('badResponse', problem);
  return result as unknown as TaskState;
}

/** The tasks of a client, by their ids, which may come from an earlier process. */
export interface ClientTasks {
  /** How a task stands now. */
  get(taskId: string, options?: CallOptions): Promise<TaskState>;
  /** Asks the server to stop working on it. */
  cancel(taskId: string, options?: CallOptions): Promise<void>;
  /** Follows a task to its result, as `callTool` does. */
  result(taskId: string, options?: CallOptions): Promise<CallToolResult>;
  /** All tasks of this caller; only servers of 2025-11-25 tell. */
  list(options?: CallOptions): Promise<readonly TaskState[]>;
}

export interface ClientTasksOptions {
  readonly call: MakeCall;
  readonly limits: Limits;
  readonly follow: Follow;
  /** Both sides know the extension. */
  readonly isShared: boolean;
}

export function createClientTasks(options: ClientTasksOptions): ClientTasks {
  const { call, limits, follow } = options;
  const get = async (taskId: string, given?: CallOptions): Promise<TaskState> => {
    refuseUnshared(options);
    return (await call('tasks/get', { taskId }, given)) as unknown as TaskState;
  };
  return {
    get,
    async cancel(taskId, given) {
      refuseUnshared(options);
      await call('tasks/cancel', { taskId }, given);
    },
    async result(taskId, given) {
      const signal = given?.signal ?? new AbortController().signal;
      const io: CallIo = {
        signal,
        peer: serverPeer,
        emit: () => undefined,
        onTask: given?.onTask,
      };
      return (await follow(await get(taskId, given), io)) as CallToolResult;
    },
    async list(given) {
      refuseUnshared(options);
      return (await allPages('tasks/list', 'tasks', limits, (page) =>
        call('tasks/list', { ...page }, given),
      )) as readonly TaskState[];
    },
  };
}

function refuseUnshared({ isShared }: ClientTasksOptions): void {
  if (isShared) return;
  throw new McpError(
    'methodNotFound',
    'Tasks need connect(…, { extensions: [withTasks()] }) and a server that has them',
  );
}
