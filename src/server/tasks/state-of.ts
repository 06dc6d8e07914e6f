import type { Result } from '../../exchange.js';
import type { TaskState } from '../../protocol/tasks.js';
import type { InputRequests } from '../../protocol/modern.types.js';
import type { StoredTask } from '../../stores/task-store.js';

/** A task as its owner sees it, with what belongs to its status. */
export function stateOf(task: StoredTask): TaskState {
  const { status, questions, result, error } = task;
  const seed = seedOf(task);
  if (status === 'input_required') return { ...seed, inputRequests: asked(questions) };
  if (status === 'completed' && result !== undefined) return { ...seed, result };
  if (status === 'failed' && error !== undefined) return { ...seed, error };
  return seed;
}

/** The answer to a call that became a task: nothing of its outcome, and nothing it asks. */
export function createdResult(task: StoredTask): Result {
  return { resultType: 'task', ...seedOf({ ...task, status: 'working' }) };
}

/** A task without what it asks or came to. */
export function seedOf(task: StoredTask): TaskState {
  const { id, status, statusMessage, createdAt, updatedAt, ttlMs, pollIntervalMs } = task;
  return {
    taskId: id,
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttlMs,
    pollIntervalMs,
  };
}

function asked(questions: StoredTask['questions'] = {}): InputRequests {
  const entries = Object.entries(questions).map(([key, { question }]) => [key, question] as const);
  return Object.fromEntries(entries) as InputRequests;
}
