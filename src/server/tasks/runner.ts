import { createWork } from '../../engine/detached.js';
import type { Ending } from '../../engine/flight.js';
import { createRunning } from '../../engine/drain.js';
import { createPlaces } from '../../engine/places.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Peer, Request, Result } from '../../exchange.js';
import { extensionIds, missingExtension } from '../../protocol/extensions.js';
import { isTerminal } from '../../protocol/tasks.js';
import type { StoredTask } from '../../stores/task-store.js';
import type { CallHooks } from '../call.js';
import { declares, type ExtensionHost } from '../extension.js';
import { refuseWithout } from '../scopes.js';
import type { RoundState } from '../request-state.js';
import { enterRound, OpenRound, type RunRound } from '../rounds.js';
import { unavailable } from '../../engine/unavailable.js';
import { answersTo, openQuestions, withAnswers } from './questions.js';
import { noticesTo } from './notices.js';
import { createdResult } from './state-of.js';
import type { LiveTask, TaskChange } from './live-tasks.js';
import type { TaskTable } from './table.js';
import type { ReadyTask } from './task-options.js';

/** Runs calls of tools that may be tasks. */
export interface TaskRunner {
  /** Answers a call: with its result, with a question, or with the handle of a task. */
  call(options: ReadyTask, request: Request, io: Io): Promise<Result>;
  /**
   * A task, live where it goes on in this process. One that no node works on any more is brought
   * back to life here; it is known that none of the name `gone` does. Before that, whoever may not
   * make the call that it is, is refused.
   */
  find(io: Io, id: string, gone?: string): Promise<FoundTask>;
  /** Throws what the call of a task would be refused with, were it made by this caller now. */
  mayTouch(stored: StoredTask, io: Io): void;
  close(): void;
}

export interface FoundTask {
  readonly stored: StoredTask;
  readonly live?: LiveTask;
}

/** One call that is a task, or may become one. */
interface Job {
  readonly request: Request;
  readonly peer: Peer;
  readonly options: ReadyTask;
  /** What earlier rounds left. */
  state: RoundState | undefined;
  task: Promise<LiveTask> | undefined;
  /** Told once, when the call has become a task. */
  readonly onTask?: (task: LiveTask) => void;
}

export function createTaskRunner(host: ExtensionHost, table: TaskTable): TaskRunner {
  const { limits, platform } = host;
  const { clock } = platform;
  const running = createRunning(
    clock,
    createPlaces({ max: limits.tasksMax, what: 'running tasks' }),
  );

  const mayTouch = ({ id, request }: StoredTask, io: Io): void => {
    // Where nobody is asked for scopes, a tool may be gone before the results of its tasks are.
    if (io.peer.principal.scopes !== undefined) host.refuseTool({ ...request, id }, io);
  };
  const become = (job: Job): Promise<LiveTask> =>
    (job.task ??= table.create(newTask(job), job.peer.principal).then((task) => {
      job.onTask?.(task);
      return task;
    }));

  /** Runs all rounds of a call: those before it is a task end the request, later ones the task. */
  const roundsOf =
    (job: Job): RunRound =>
    async (request, io, enter) => {
      let task = await job.task;
      // What was answered since it was found is in it.
      if (task !== undefined) job.state = task.stored.state as RoundState | undefined;
      // A task that a restart found waiting goes on when its answers are there.
      let entered = task?.stored.questions === undefined ? request : await answersTo(task, request);
      const hooks: CallHooks = {
        startTask: async () => void (await become(job)),
        progress(done, { of, message }) {
          const text = message ?? (of === undefined ? `${done}` : `${done} of ${of}`);
          void job.task?.then((live) => table.note(live, text));
        },
      };
      for (let round = 0; round <= limits.inputRoundsMax; round++) {
        const { report } = host;
        const parts = { request: entered, io, platform, state: job.state, report, hooks };
        const ended = await enterRound(parts, enter);
        if (!(ended instanceof OpenRound)) return ended;
        task = await job.task;
        if (task === undefined) return host.rounds.seal(ended, request, io);
        job.state = ended.state;
        if (Object.keys(ended.questions).length === 0) {
          entered = withAnswers(request, {});
          continue;
        }
        const answered = answersTo(task, request);
        await table.change(task, openQuestions(ended, task.stored));
        entered = await answered;
      }
      throw tooManyRounds(limits.inputRoundsMax);
    };

  const exchangeOf =
    (job: Job): Exchange =>
    async (request, io) => {
      try {
        const result = await host.runTool(request, io, roundsOf(job));
        const task = await job.task;
        const completed = { ...settled, status: 'completed', result } as const;
        if (task !== undefined) await table.change(task, completed);
        return result;
      } catch (thrown) {
        const error = McpError.from(thrown);
        const task = await job.task?.catch(() => undefined);
        if (task !== undefined) await table.change(task, failedWith(error));
        throw error;
      }
    };

  const onEnd = (job: Job, ending: Ending): void => {
    if (ending !== 'cancelled') return;
    void job.task
      ?.then((task) => table.change(task, cancelled))
      .catch((thrown: unknown) => host.report(thrown, job.request));
  };

  const run = (job: Job, reader: Parameters<typeof createWork>[1], noticesMax: number) => {
    const work = createWork(
      {
        clock,
        peer: job.peer,
        group: running,
        // Nobody reads a task while it runs; the table ends it when its time is over.
        whenDetached: { keepMs: limits.taskTtlMsMax },
        noticesMax,
        onEnd: (ending) => onEnd(job, ending),
      },
      reader,
    );
    void job.task?.then((task) => (task.work = work)).catch(() => undefined);
    work.start(exchangeOf(job), job.request);
    return work;
  };

  const callAtOnce = async (job: Job, noticesMax: number): Promise<Result> => {
    const task = await become(job);
    // Other nodes know of it as soon as it is stored, and may have cancelled it.
    if (!isTerminal(task.stored.status)) task.work = run(job, undefined, noticesMax);
    return createdResult(task.stored);
  };

  const callByHandler = (given: Job, io: Io): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      const job: Job = {
        ...given,
        onTask(task) {
          task.work = work;
          work.attach(noticesTo(() => undefined));
          resolve(createdResult(task.stored));
        },
      };
      const work = createWorkFor(job, io, resolve, reject);
    });

  const createWorkFor = (
    job: Job,
    io: Io,
    resolve: (result: Result) => void,
    reject: (error: McpError) => void,
  ): ReturnType<typeof createWork> => {
    const work = run(
      job,
      {
        emit: (notification) => io.emit(notification),
        settle: (outcome) => (outcome instanceof McpError ? reject(outcome) : resolve(outcome)),
        abandon: () => reject(new McpError('cancelled', 'The caller is gone')),
      },
      0,
    );
    // Until it is a task it ends with its request, as any call does.
    const abort = (): void => {
      if (job.task === undefined) work.flight.end('cancelled');
    };
    if (io.signal.aborted) abort();
    else io.signal.addEventListener('abort', abort, { once: true });
    return work;
  };

  const revive = async (task: LiveTask, io: Io): Promise<FoundTask> => {
    const { stored } = task;
    if (stored.status === 'working' && !stored.restartable) {
      try {
        await table.change(task, failedWith(outcomeUnknown()), 'atOnce');
      } catch (thrown) {
        table.release(task);
        throw thrown;
      }
      return { stored: task.stored };
    }
    const request = { ...stored.request, id: stored.id };
    const peer = { ...(stored.caller as unknown as Peer), principal: io.peer.principal };
    const { ttlMs, pollIntervalMs, restartable } = stored;
    const options = { ttlMs, pollIntervalMs, restartable, ...defaults };
    const state = stored.state as RoundState | undefined;
    const job: Job = { request, peer, options, state, task: Promise.resolve(task) };
    task.work = run(job, undefined, 0);
    return { stored, live: task };
  };

  return {
    async call(options, request, io) {
      if (!declares(io.peer, extensionIds.tasks)) {
        if (options.support === 'required') throw missingExtension(extensionIds.tasks);
        return host.runTool(request, io, host.rounds.run);
      }
      const ttlMs = Math.min(io.task?.ttlMs ?? options.ttlMs, limits.taskTtlMsMax);
      const state = await host.rounds.open(request, io);
      const own = { ...options, ttlMs: Math.max(1, ttlMs) };
      const job: Job = { request, peer: io.peer, options: own, state, task: undefined };
      if (options.starts === 'by handler' && io.task === undefined) return callByHandler(job, io);
      const noticesMax = io.task === undefined ? 0 : limits.taskNoticesMax;
      return callAtOnce(job, noticesMax);
    },
    async find(io, id, gone) {
      for (let moves = 0; moves <= limits.taskMovesMax; moves++) {
        const stored = await table.find(io.peer.principal.id, id);
        mayTouch(stored, io);
        const live = table.liveOf(id);
        if (live !== undefined) return { stored: live.stored, live };
        if (isTerminal(stored.status)) return { stored };
        if (stored.node !== gone && (await table.isElsewhere(stored))) return { stored };
        // It runs on as who looks: with less than it was begun with it would fail for that.
        refuseWithout(stored.scopes ?? [], io.peer.principal);
        const claimed = await table.claim(stored);
        if (claimed !== undefined) return revive(claimed, io);
      }
      throw unavailable('The task changes hands');
    },
    mayTouch,
    close: () => table.close(),
  };
}

/** What belongs to a task in work only. */
const settled: TaskChange = { questions: undefined, answers: undefined, state: undefined };

/** The change that ends a task which nobody wants any more. */
export const cancelled: TaskChange = { ...settled, status: 'cancelled' };

const defaults = { support: 'optional', starts: 'at once' } as const;

function newTask({ request, peer, options, state }: Job): Parameters<TaskTable['create']>[0] {
  const { ttlMs, pollIntervalMs, restartable } = options;
  const { principal, ...caller } = peer;
  const { scopes } = principal;
  const { method, params } = request;
  return {
    ...(state === undefined ? {} : { state: { ...state } }),
    ttlMs,
    pollIntervalMs,
    restartable,
    caller,
    ...(scopes === undefined ? {} : { scopes }),
    request: params === undefined ? { method } : { method, params },
  };
}

function failedWith(error: McpError): TaskChange {
  return { ...settled, status: 'failed', error: error.toWire(), statusMessage: error.message };
}

function outcomeUnknown(): McpError {
  return new McpError(
    'outcomeUnknown',
    'The server stopped while it worked on this task: its outcome is unknown',
  );
}

function tooManyRounds(max: number): McpError {
  return new McpError('internal', 'Internal error', {
    cause: new Error(`The task asked for input more than ${max} times`),
  });
}
