import type { Work } from '../../engine/detached.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { toBase64Url } from '../../platform/random.js';
import { isTerminal, taskNotice } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import type { ExtensionHost } from '../extension.js';
import { defined } from '../parts.js';
import { stateOf } from './state-of.js';

/** The member of the filter of `subscriptions/listen` that names tasks. */
export const taskIds = 'taskIds';

/** A task that this process works on, or waits with for answers. */
export interface LiveTask {
  readonly stored: StoredTask;
  work?: Work;
  /** Goes on with the answers to all questions that wait. */
  answered?: (answers: JsonObject) => void;
}

export type NewTask = Pick<
  StoredTask,
  'ttlMs' | 'pollIntervalMs' | 'request' | 'caller' | 'scopes' | 'restartable' | 'state'
>;

export type TaskChange = {
  -readonly [member in keyof StoredTask]?: StoredTask[member] | undefined;
};

/** The tasks of a server: bounded in number and time, seen by their owners only. */
export interface TaskTable {
  /** Resolves once the task can be found. Throws when there are too many. */
  create(given: NewTask, owner: Principal): Promise<LiveTask>;
  /** As it stands now. Throws for ids that are not known, any more, to this owner. */
  find(owner: string, id: string): Promise<StoredTask>;
  liveOf(id: string): LiveTask | undefined;
  /** Brings a stored task back to life. */
  adopt(stored: StoredTask): LiveTask;
  /** Changes a task, unless it has ended. Resolves once that is stored. */
  change(live: LiveTask, change: TaskChange): Promise<void>;
  /** Says what a task is at; told to those who listen, and stored with the next change. */
  note(live: LiveTask, statusMessage: string): void;
  /** Resolves with the next change, or the end, of a task. */
  changed(id: string): { readonly next: Promise<void>; stop(): void };
  page(owner: string, cursor: string | undefined): Promise<TaskPage>;
  close(): void;
}

export interface TaskPage {
  readonly tasks: readonly StoredTask[];
  readonly nextCursor?: string;
}

const idBytes = 32;

export function createTaskTable(store: TaskStore, host: ExtensionHost): TaskTable {
  const { clock, random } = host.platform;
  const { limits } = host;
  const live = new Map<string, LiveTask & { stored: StoredTask; saved: Promise<void> }>();
  const watchers = new Map<string, Set<() => void>>();
  let alarm: { readonly at: number; readonly stop: () => void } | undefined;
  let closed = false;

  const wake = (id: string): void => {
    for (const watcher of watchers.get(id) ?? []) watcher();
  };
  const arm = (at: number): void => {
    if (closed || (alarm !== undefined && alarm.at <= at)) return;
    alarm?.stop();
    const stop = clock.after(Math.max(0, at - clock.now()), () => {
      alarm = undefined;
      sweep().catch((thrown: unknown) => host.report(thrown, { id: 0, method: 'tasks' }));
    });
    alarm = { at, stop };
  };
  const sweep = async (): Promise<void> => {
    const { gone, nextAt } = await store.expire(clock.now());
    for (const id of gone) {
      const task = live.get(id);
      live.delete(id);
      task?.work?.flight.end('timedOut');
      if (task !== undefined && !isTerminal(task.stored.status)) tell(expired(task.stored));
      else wake(id);
    }
    if (nextAt !== undefined) arm(nextAt);
  };
  const refuseTooMany = async ({ id, anonymous }: Principal): Promise<void> => {
    const isFull =
      (await store.count()) >= limits.tasksMax ||
      (anonymous !== true && (await store.count(id)) >= limits.tasksPerPrincipalMax);
    if (isFull) throw new McpError('tooManyRequests', 'There are too many tasks; try again later');
  };
  const tell = (stored: StoredTask): void => {
    host.changes.tell({
      kind: 'item',
      member: taskIds,
      item: stored.id,
      notification: { method: taskNotice, params: { ...stateOf(stored) } },
    });
    wake(stored.id);
  };
  const now = (stored: StoredTask): StoredTask => live.get(stored.id)?.stored ?? stored;
  const adopt: TaskTable['adopt'] = (stored) => {
    const task = { stored, saved: Promise.resolve() };
    live.set(stored.id, task);
    return task;
  };

  return {
    adopt,
    async create(given, owner) {
      await refuseTooMany(owner);
      const at = clock.now();
      const id = toBase64Url(random.bytes(idBytes));
      const times = { createdAt: at, updatedAt: at };
      const stored: StoredTask = {
        ...given,
        ...times,
        id,
        owner: owner.id,
        status: 'working',
        keys: [],
      };
      await store.put(stored);
      arm(at + given.ttlMs);
      return adopt(stored);
    },
    async find(owner, id) {
      const stored = await store.get(owner, id);
      const isOver = stored !== undefined && stored.createdAt + stored.ttlMs <= clock.now();
      if (stored === undefined || isOver) throw unknownTask();
      return now(stored);
    },
    liveOf: (id) => live.get(id),
    async change({ stored: { id } }, change) {
      const task = live.get(id);
      if (task === undefined || isTerminal(task.stored.status)) return;
      const stored = defined({ ...task.stored, ...change, updatedAt: clock.now() }) as StoredTask;
      task.stored = stored;
      const saving = task.saved.then(() => store.put(stored));
      task.saved = saving.catch(() => undefined);
      tell(stored);
      await saving;
      if (isTerminal(stored.status)) live.delete(id);
    },
    note({ stored: { id } }, statusMessage) {
      const task = live.get(id);
      if (task === undefined || isTerminal(task.stored.status)) return;
      task.stored = { ...task.stored, statusMessage, updatedAt: clock.now() };
      tell(task.stored);
    },
    changed(id) {
      let watcher = (): void => undefined;
      const next = new Promise<void>((resolve) => (watcher = resolve));
      const all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(watcher));
      return {
        next,
        stop() {
          all.delete(watcher);
          if (all.size === 0 && watchers.get(id) === all) watchers.delete(id);
        },
      };
    },
    async page(owner, cursor) {
      if (cursor !== undefined && (await store.get(owner, cursor)) === undefined) throw badCursor();
      const found = await store.list(owner, cursor, limits.pageItemsMax + 1);
      const tasks = found.slice(0, limits.pageItemsMax).map(now);
      const last = tasks.at(-1);
      return found.length > tasks.length && last !== undefined
        ? { tasks, nextCursor: last.id }
        : { tasks };
    },
    close() {
      closed = true;
      alarm?.stop();
      for (const { work } of live.values()) work?.flight.end('shutDown');
      live.clear();
    },
  };
}

// Nobody can look any more; those who listen shall not wait for ever.
function expired(stored: StoredTask): StoredTask {
  const error = new McpError('timeout', 'The time of the task is over').toWire();
  return { ...stored, status: 'failed', statusMessage: error.message, error };
}

function unknownTask(): McpError {
  return new McpError('invalidParams', 'There is no such task, or not any more');
}

function badCursor(): McpError {
  return new McpError('invalidParams', 'The cursor is not valid (any more): list from the start');
}
