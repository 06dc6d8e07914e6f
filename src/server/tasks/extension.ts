import { McpError } from '../../errors.js';
import type { Io, Notification, Result } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { extensionIds } from '../../protocol/extensions.js';
import { methodRow } from '../../protocol/methods.js';
import { taskMethods, taskNotice } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import type { Extension, ExtensionHandler, ExtensionHost, ExtensionParts } from '../extension.js';
import type { Handler } from '../parts.js';
import { createDeeds } from './deeds.js';
import { createFarReaders } from './far-readers.js';
import { outcomeOf } from './outcome.js';
import { createTaskRunner, type TaskRunner } from './runner.js';
import { seedOf, stateOf } from './state-of.js';
import { createTaskTable, type TaskTable } from './table.js';
import { taskIds } from './watch.js';

export interface TasksOptions {
  /** Where tasks are kept. Default: where the server keeps everything else. */
  readonly store?: TaskStore;
}

/**
 * Tasks: calls of tools with a `task` option are answered by a handle, and their result is fetched
 * when it is there. Speaks the extension of 2026-07-28; sessions of 2025-11-25 have the same tasks
 * in their own words.
 */
export function tasks({ store }: TasksOptions = {}): Extension {
  return { id: extensionIds.tasks, open: (host) => openTasks(store, host) };
}

/** What sessions of older revisions have beside; the rows of the protocol itself. */
const sessionMethods = ['tasks/result', 'tasks/list'].flatMap((name) => methodRow(name) ?? []);

const acknowledged: Result = Object.freeze({});

function openTasks(store: TaskStore | undefined, host: ExtensionHost): ExtensionParts {
  const table = createTaskTable(store, host);
  const runner = createTaskRunner(host, table);
  const deeds = createDeeds(table, runner, host);
  const farReaders = createFarReaders(table, host);
  const handlers: { readonly [method: string]: Handler } = {
    'tasks/get': async ({ params }, io) => ({
      ...stateOf((await runner.find(io, idOf(params))).stored),
    }),
    async 'tasks/update'({ params }, io) {
      const responses = params?.['inputResponses'] as JsonObject;
      await deeds.act(io, idOf(params), { kind: 'answer', responses });
      return acknowledged;
    },
    async 'tasks/cancel'({ params }, io) {
      await deeds.act(io, idOf(params), { kind: 'cancel' });
      return acknowledged;
    },
    'tasks/result': async ({ params }, io) => ({
      ...(await outcomeOf(idOf(params), io, { runner, table, farReaders })),
    }),
    async 'tasks/list'({ params }, io) {
      const { principal } = io.peer;
      // Whoever comes without credentials would see the tasks of everybody else who does.
      if (principal.anonymous === true) throw notListed();
      const page = await table.page(principal.id, params?.['cursor'] as string | undefined);
      return { ...page, tasks: page.tasks.filter((task) => isFor(task, io, runner)).map(seedOf) };
    },
  };
  const look = async (id: string, io: Io): Promise<Notification> => {
    const stored = await table.find(io.peer.principal.id, id);
    runner.mayTouch(stored, io);
    return { method: taskNotice, params: { ...stateOf(stored) } };
  };

  return {
    methods: [...taskMethods, ...sessionMethods].map((row): ExtensionHandler => ({
      row,
      handle: handlers[row.method]!,
    })),
    listens: [
      {
        member: taskIds,
        honour: (asked, io) => ownTasks(asked, io, { table, runner, host }),
        look,
      },
    ],
    tasks: runner,
    close() {
      deeds.close();
      farReaders.close();
      runner.close();
    },
  };
}

/** The one that a request is about: its checker has seen to it that it is a string. */
function idOf(params: JsonObject | undefined): string {
  return params?.['taskId'] as string;
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
