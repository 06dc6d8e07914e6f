import type { Limits } from '../../limits.js';

/** How calls of a tool may run as tasks. */
export interface TaskOptions {
  /**
   * `optional` (the default): callers that know no tasks get the result itself. `required`: they
   * are refused.
   */
  readonly support?: 'optional' | 'required';
  /** How long a task is kept from its creation on, in ms. It ends, at the latest, with this. */
  readonly ttlMs?: number;
  /** How often a client is asked to look, in ms. */
  readonly pollIntervalMs?: number;
  /**
   * `at once` (the default), or when the handler says so with `call.startTask()`: questions put
   * before that reach the caller in the ordinary way.
   */
  readonly starts?: 'at once' | 'by handler';
  /** Whether work that a restart of the server cut off may simply be done again. Default false. */
  readonly restartable?: boolean;
}

export type TaskOption = 'optional' | 'required' | TaskOptions;

export type ReadyTask = Required<TaskOptions>;

/** `given` with its defaults; throws a RangeError that names the tool and the bound. */
export function readTaskOption(given: TaskOption, what: string, limits: Limits): ReadyTask {
  const options: TaskOptions = typeof given === 'string' ? { support: given } : given;
  const { ttlMs = limits.taskTtlMs, pollIntervalMs = limits.taskPollMs } = options;
  for (const [name, ms] of Object.entries({ ttlMs, pollIntervalMs })) {
    if (Number.isInteger(ms) && ms > 0 && ms <= limits.taskTtlMsMax) continue;
    throw new RangeError(`${what}: ${name} must be 1 to ${limits.taskTtlMsMax} whole ms`);
  }
  const { support = 'optional', starts = 'at once', restartable = false } = options;
  return { support, starts, restartable, ttlMs, pollIntervalMs };
}
