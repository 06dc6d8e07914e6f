/** Tasks as 2025-11-25 has them in its core (basic/utilities/tasks). */
import {
  arrayOf,
  integer,
  jsonObject,
  object,
  oneOf,
  string,
  type Checker,
} from '../combinators.js';
import type {
  CreateTaskResult,
  GetTaskRequest,
  ListTasksResult,
  Task,
  TaskMetadata,
} from '../legacy.types.js';
import { requestMeta } from './base.js';

/** How a peer asks for a task instead of an answer. */
export const taskMetadata: Checker<TaskMetadata> = object<TaskMetadata>({}, { ttl: integer });

const ttl: Checker<number | null> = (value, path) =>
  value === null || Number.isInteger(value) ? undefined : `${path} must be an integer or null`;

export const task: Checker<Task> = object<Task>(
  {
    taskId: string,
    status: oneOf(['working', 'input_required', 'completed', 'failed', 'cancelled']),
    createdAt: string,
    lastUpdatedAt: string,
    ttl,
  },
  { pollInterval: integer, statusMessage: string },
);

/** Params of tasks/get, tasks/result and tasks/cancel. */
export const taskParams: Checker<GetTaskRequest['params']> = object<
  GetTaskRequest['params'] & { _meta?: unknown }
>({ taskId: string }, { _meta: requestMeta });

export const createTaskResult: Checker<CreateTaskResult> = object<CreateTaskResult>(
  { task },
  { _meta: jsonObject },
);

export const listTasksResult: Checker<ListTasksResult> = object<ListTasksResult>(
  { tasks: arrayOf(task) },
  { nextCursor: string, _meta: jsonObject },
);
