/** Tasks as the extension io.modelcontextprotocol/tasks of 2026-07-28 has them (SEP-2663). */
import type { JsonObject } from '../json-rpc/message.js';
import { inputRequests } from './checkers/input-requests.js';
import { emptyResult, resultMembers } from './checkers/result.js';
import { requestMeta } from './checkers/base.js';
import { pageParams } from './checkers/lifecycle.js';
import {
  arrayOf,
  both,
  integer,
  jsonObject,
  maybe,
  number,
  object,
  oneOf,
  recordOf,
  string,
  variant,
  type Checker,
} from './combinators.js';
import { extensionMethod, type MethodRow } from './methods.js';
import type { InputRequests } from './modern.types.js';

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** A task as its owner sees it. What is inlined depends on its status. */
export interface TaskState {
  readonly taskId: string;
  readonly status: TaskStatus;
  /** What the task is at, for people. */
  readonly statusMessage?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** How long the task is kept, from its creation on; null: for ever. */
  readonly ttlMs: number | null;
  readonly pollIntervalMs?: number;
  /** With `input_required`: what the server asks, by key. */
  readonly inputRequests?: InputRequests;
  /** With `completed`: the result of the call. */
  readonly result?: JsonObject;
  /** With `failed`: the error of the call. */
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export const taskNotice = 'notifications/tasks';

export function isTerminal(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

const ttlMs: Checker<number | null> = (value, path) =>
  value === null || Number.isInteger(value) ? undefined : `${path} must be an integer or null`;

const common: Checker<TaskState> = object<TaskState>(
  {
    taskId: string,
    status: oneOf(['working', 'input_required', 'completed', 'failed', 'cancelled']),
    createdAt: string,
    lastUpdatedAt: string,
    ttlMs,
  },
  { statusMessage: string, pollIntervalMs: integer },
);

/** What a call is answered with that became a task; nothing of its outcome is in it. */
export const createdTask: Checker<TaskState> = common;

/** A task with what belongs to its status. */
export const taskState: Checker<TaskState> = both(
  common,
  variant<TaskState>('status', {
    working: object<TaskState>({}),
    cancelled: object<TaskState>({}),
    input_required: object<TaskState>({ inputRequests }),
    completed: object<TaskState>({ result: jsonObject }),
    failed: object<TaskState>({ error: object({ code: number, message: string }) }),
  }),
);

const taskParams = object<JsonObject>({ taskId: string }, { _meta: requestMeta });

// What is said to a question that nobody asked is ignored, whatever it is.
const updateParams = object<JsonObject>(
  { taskId: string, inputResponses: recordOf(jsonObject) },
  { _meta: requestMeta },
);

const named = { nameParam: 'taskId' } as const;

export const taskMethods: readonly MethodRow[] = [
  extensionMethod({ method: 'tasks/get', params: taskParams, result: taskState, ...named }),
  extensionMethod({ method: 'tasks/update', params: updateParams, result: emptyResult, ...named }),
  extensionMethod({ method: 'tasks/cancel', params: taskParams, result: emptyResult, ...named }),
];

/** Listing is not part of the extension; servers of 2025-11-25 may offer it. */
export const taskListMethod: MethodRow = extensionMethod({
  method: 'tasks/list',
  params: maybe(pageParams),
  result: object({ tasks: arrayOf(common) }, { nextCursor: string, ...resultMembers }),
});
