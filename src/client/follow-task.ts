import { backOffMs, chance, pause } from '../engine/back-off.js';
import { isPassing } from '../engine/passing.js';
import { abortError, unlessAborted } from '../engine/pending.js';
import { McpError } from '../errors.js';
import type { Notification, Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { check } from '../protocol/check.js';
import { methodRow } from '../protocol/methods.js';
import { isTerminal, taskNotice, taskState, type TaskState } from '../protocol/tasks.js';
import type { ClientExtensionHost } from './extension.js';
import type { CallIo } from './retry-lost.js';

/** Follows a task to its end: to the result of its call, or its error. */
export type Follow = (task: TaskState, io: CallIo) => Promise<Result>;

export function followTasks(host: ClientExtensionHost): Follow {
  return async (first, io) => {
    // A task takes as long as it takes: the server bounds it, and so may the signal of the call.
    io.deadline?.pause();
    const ear = listenFor(first.taskId, host);
    try {
      return outcomeOf(await watch(first, io, ear, host));
    } finally {
      ear.stop();
      io.deadline?.resume();
    }
  };
}

/** Looks, listens and answers until the task has ended. */
async function watch(
  first: TaskState,
  io: CallIo,
  ear: Ear,
  host: ClientExtensionHost,
): Promise<TaskState> {
  const { taskId } = first;
  const answered = new Set<string>();
  let task = first;
  try {
    for (let failures = 0; ;) {
      if (failures === 0) io.onTask?.(task);
      if (isTerminal(task.status)) return task;
      await answer(task, answered, io, host);
      await wait(task, failures, io, ear, host);
      const seen = ear.take() ?? (await look(taskId, io, host).catch(passing));
      failures = seen instanceof McpError ? failures + 1 : 0;
      if (seen instanceof McpError) {
        if (failures > host.limits.reconnectsMax || host.ended.aborted) throw seen;
      } else task = seen;
    }
  } catch (thrown) {
    // Whoever gives up will not come back for the result.
    if (!host.ended.aborted) host.call('tasks/cancel', { taskId }).catch(() => undefined);
    throw thrown;
  }
}

async function look(
  taskId: string,
  { signal }: CallIo,
  { call }: ClientExtensionHost,
): Promise<TaskState> {
  return (await call('tasks/get', { taskId }, { signal })) as unknown as TaskState;
}

async function wait(
  { pollIntervalMs }: TaskState,
  failures: number,
  io: CallIo,
  ear: Ear,
  { limits, platform, ended }: ClientExtensionHost,
): Promise<void> {
  const { clock, random } = platform;
  const asked = Math.min(pollIntervalMs ?? limits.taskPollMs, limits.askedRetryMsMax);
  // Never earlier than asked for, and not all clients at once.
  const ms = Math.max(asked, limits.reconnectMsMin) * (1 + chance(random) / 5);
  const extra = failures === 0 ? 0 : backOffMs(failures, limits, random);
  await pause(clock, ms + extra, io.signal, ended, ear.news);
  if (io.signal.aborted) throw abortError(io.signal);
}

/** Answers what the task asks and was not asked before. */
async function answer(
  { taskId, inputRequests }: TaskState,
  answered: Set<string>,
  io: CallIo,
  { call, answers, limits }: ClientExtensionHost,
): Promise<void> {
  const open = Object.entries(inputRequests ?? {}).filter(([key]) => !answered.has(key));
  if (open.length === 0) return;
  const { questionsPendingMax, inputRoundsMax } = limits;
  if (open.length > questionsPendingMax || answered.size > questionsPendingMax * inputRoundsMax) {
    throw new McpError('badResponse', 'The task asks more than anybody can answer');
  }
  const one = async ([key, question]: (typeof open)[number]) => {
    const { method, params } = question as { method: string; params?: JsonObject };
    const request = params === undefined ? { id: key, method } : { id: key, method, params };
    return [key, await answers(request, io)] as const;
  };
  const all = await unlessAborted(Promise.all(open.map(one)), io.signal);
  for (const [key] of all) answered.add(key);
  const inputResponses = Object.fromEntries(all);
  await call('tasks/update', { taskId, inputResponses }, { signal: io.signal });
}

/** Hears of changes, where the server tells of them; looking goes on in any case. */
interface Ear {
  /** Aborts with the next change after the last `take`. */
  readonly news: AbortSignal;
  /** The newest state that was told in full, once; without one the task has to be looked at. */
  take(): TaskState | undefined;
  stop(): void;
}

function listenFor(taskId: string, { call }: ClientExtensionHost): Ear {
  const stopper = new AbortController();
  let wake = new AbortController();
  let told: TaskState | undefined;
  const emit = ({ method, params }: Notification): void => {
    if (method === taskNotice && params?.['taskId'] === taskId) {
      const isFull = check(taskState, params, 'params') === undefined;
      told = isFull ? (params as unknown as TaskState) : undefined;
    }
    // When listening begins, what happened before has to be looked at.
    wake.abort();
  };
  const filter = { notifications: { taskIds: [taskId] } };
  const options = { signal: stopper.signal, emit, isStream: true };
  call('subscriptions/listen', filter, options).catch(() => undefined);
  return {
    get news() {
      return wake.signal;
    },
    take() {
      const state = told;
      told = undefined;
      // What is told from now on may be newer than what a look that begins now will find.
      wake = new AbortController();
      return state;
    },
    stop: () => stopper.abort(),
  };
}

function outcomeOf({ status, result, error, statusMessage }: TaskState): Result {
  if (status === 'completed' && result !== undefined) {
    methodRow('tools/call')?.checkResult(result);
    return result;
  }
  if (status === 'failed' && error !== undefined) throw McpError.fromWire(error);
  const text = statusMessage === undefined ? '' : `: ${statusMessage}`;
  throw new McpError('cancelled', `The server cancelled the task${text}`, { fromPeer: true });
}

// A server that cannot be reached for a moment has not lost the task.
function passing(thrown: unknown): McpError {
  if (isPassing(thrown, 'timeout')) return thrown;
  throw thrown;
}
