import { McpError } from '../../errors.js';
import type { Io, Result } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { extensionIds } from '../../protocol/extensions.js';
import { methodRow } from '../../protocol/methods.js';
import { taskMethods } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import type { Extension, ExtensionHandler, ExtensionHost, ExtensionParts } from '../extension.js';
import type { Handler } from '../parts.js';
import { acceptAnswers } from './questions.js';
import { cancelled, createTaskRunner, type TaskRunner } from './runner.js';
import { seedOf, stateOf } from './state-of.js';
import { createTaskTable, taskIds, type TaskTable } from './table.js';

export interface TasksOptions {
  /** Where tasks are kept. Default: in memory. */
  readonly store?: TaskStore;
}

/**
 * Tasks: calls of tools with a `task` option are answered by a handle, and their result is fetched
 * when it is there. Speaks the extension of 2026-07-28; sessions of 2025-11-25 have the same tasks
 * in their own words.
 */
export type OpenTasks = (options?: TasksOptions) => Extension;

/** The same, with the store that is used when none is given. */
export function tasksIn(openStore: () => TaskStore): OpenTasks {
  return ({ store } = {}) => ({
    id: extensionIds.tasks,
    open: (host) => openTasks(store ?? openStore(), host),
  });
}

/** What sessions of older revisions have beside; the rows of the protocol itself. */
const sessionMethods = ['tasks/result', 'tasks/list'].flatMap((name) => methodRow(name) ?? []);

const acknowledged: Result = Object.freeze({});

function openTasks(store: TaskStore, host: ExtensionHost): ExtensionParts {
  const table = createTaskTable(store, host);
  const runner = createTaskRunner(host, table);
  const handlers: { readonly [method: string]: Handler } = {
    'tasks/get': async ({ params }, io) => ({ ...stateOf((await find(params, io)).stored) }),
    async 'tasks/update'({ params }, io) {
      const { live } = await find(params, io);
      if (live === undefined) return acknowledged;
      const accepted = acceptAnswers(live.stored, params?.['inputResponses'] as JsonObject);
      if (accepted === undefined) return acknowledged;
      const { answered } = live;
      await table.change(live, accepted.change);
      if (accepted.all !== undefined) answered?.(accepted.all);
      return acknowledged;
    },
    async 'tasks/cancel'({ params }, io) {
      const { live } = await find(params, io);
      if (live === undefined) return acknowledged;
      live.work?.flight.end('cancelled');
      await table.change(live, cancelled);
      return acknowledged;
    },
    'tasks/result': async ({ params }, io) => ({ ...(await outcome(runner, table, params, io)) }),
    async 'tasks/list'({ params }, io) {
      const { principal } = io.peer;
      // Whoever comes without credentials would see the tasks of everybody else who does.
      if (principal.anonymous === true) throw notListed();
      const page = await table.page(principal.id, params?.['cursor'] as string | undefined);
      return { ...page, tasks: page.tasks.filter((task) => isFor(task, io, runner)).map(seedOf) };
    },
  };
  const find = (params: JsonObject | undefined, io: Io): ReturnType<TaskRunner['find']> =>
    runner.find(io, params?.['taskId'] as string);

  return {
    methods: [...taskMethods, ...sessionMethods].map((row): ExtensionHandler => ({
      row,
      handle: handlers[row.method]!,
    })),
    listens: [
      { member: taskIds, honour: (asked, io) => ownTasks(asked, io, { table, runner, host }) },
    ],
    tasks: runner,
    close: () => runner.close(),
  };
}

/** Waits until a task has ended or asks for something; what it says meanwhile goes to `io`. */
async function outcome(
  runner: TaskRunner,
  table: TaskTable,
  params: JsonObject | undefined,
  io: Io,
): Promise<ReturnType<typeof stateOf>> {
  const id = params?.['taskId'] as string;
  const aborted = new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const reader = {
    emit: (notification: Parameters<Io['emit']>[0]) => io.emit(notification),
    settle: () => undefined,
    abandon: () => undefined,
  };
  for (;;) {
    const change = table.changed(id);
    try {
      const { stored, live } = await runner.find(io, id);
      live?.work?.attach(reader);
      if (stored.status !== 'working') return stateOf(stored);
      await Promise.race([change.next, aborted]);
    } finally {
      change.stop();
    }
    if (io.signal.aborted) throw McpError.from(io.signal.reason);
  }
}

async function ownTasks(
  asked: unknown,
  io: Io,
  { table, runner, host }: { table: TaskTable; runner: TaskRunner; host: ExtensionHost },
): Promise<readonly string[]> {
  if (!Array.isArray(asked) || !asked.every((id) => typeof id === 'string')) {
    throw new McpError('invalidParams', `params.notifications.${taskIds} must be strings`);
  }
  const owner = io.peer.principal.id;
  const own: string[] = [];
  for (const id of new Set(asked.slice(0, host.limits.tasksPerPrincipalMax))) {
    const isOwn = await table.find(owner, id).then(
      (task) => isFor(task, io, runner),
      () => false,
    );
    if (isOwn) own.push(id);
  }
  return own;
}

function isFor(task: StoredTask, io: Io, runner: TaskRunner): boolean {
  try {
    runner.mayTouch(task, io);
    return true;
  } catch {
    return false;
  }
}

function notListed(): McpError {
  return new McpError('methodNotFound', 'Method not found: tasks/list');
}
