import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import { toBase64Url } from '../../platform/random.js';
import { isTerminal, taskNotice } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import type { ExtensionHost } from '../extension.js';
import { unavailable } from '../../engine/unavailable.js';
import { createLiveTasks, type LiveTask, type LiveTasks } from './live-tasks.js';
import { stateOf } from './state-of.js';
import { createTaskWatch, taskIds, type TaskWatch } from './watch.js';

export type NewTask = Pick<
  StoredTask,
  'ttlMs' | 'pollIntervalMs' | 'request' | 'caller' | 'scopes' | 'restartable' | 'state'
>;

/** The tasks of a server: bounded in number and time, seen by their owners only. */
export interface TaskTable extends Pick<LiveTasks, 'change' | 'note'>, Pick<TaskWatch, 'changed'> {
  /** Resolves once the task can be found. Throws when there are too many. */
  create(given: NewTask, owner: Principal): Promise<LiveTask>;
  /** As it stands now. Throws for ids that are not known, any more, to this owner. */
  find(owner: string, id: string): Promise<StoredTask>;
  liveOf(id: string): LiveTask | undefined;
  /** Whether another node works on the task, as far as is known. */
  isElsewhere(stored: StoredTask): Promise<boolean>;
  /**
   * Makes a task that no other node works on this node's; nothing when one was faster, or it has
   * ended.
   */
  claim(stored: StoredTask): Promise<LiveTask | undefined>;
  /** Leaves a task that was claimed to whoever looks next. */
  release(task: LiveTask): void;
  page(owner: string, cursor: string | undefined): Promise<TaskPage>;
  close(): void;
}

export interface TaskPage {
  readonly tasks: readonly StoredTask[];
  readonly nextCursor?: string;
}

const idBytes = 32;

export function createTaskTable(own: TaskStore | undefined, host: ExtensionHost): TaskTable {
  const { clock, random } = host.platform;
  const { limits } = host;
  const store = (): TaskStore => own ?? host.kept.now().tasks;
  const watch = createTaskWatch(host);
  const tell = (stored: StoredTask): void =>
    host.changes.tell({
      kind: 'item',
      member: taskIds,
      item: stored.id,
      notification: { method: taskNotice, params: { ...stateOf(stored) } },
    });
  const live = createLiveTasks(store, host, tell);
  let alarm: { readonly at: number; readonly stop: () => void } | undefined;
  let closed = false;

  const arm = (at: number): void => {
    if (closed || (alarm !== undefined && alarm.at <= at)) return;
    alarm?.stop();
    const stop = clock.after(Math.max(0, at - clock.now()), () => {
      alarm = undefined;
      sweep().catch((thrown: unknown) => {
        host.report(thrown, { id: 0, method: 'tasks' });
        arm(clock.now() + limits.taskLookMs);
      });
    });
    alarm = { at, stop };
  };
  const isOver = ({ createdAt, ttlMs }: StoredTask): boolean => createdAt + ttlMs <= clock.now();
  /** Every node ends its own; of all others it forgets what is over. */
  const sweep = async (): Promise<void> => {
    for (const task of [...live.all()]) {
      if (!isOver(task.stored)) continue;
      live.drop(task.stored.id);
      task.work?.flight.end('timedOut');
      if (!isTerminal(task.stored.status)) tell(expired(task.stored));
    }
    const { gone, nextAt } = await store().expire(clock.now());
    for (const id of gone) watch.wake(id);
    if (nextAt !== undefined) arm(nextAt);
  };
  const add = async (stored: StoredTask, { anonymous }: Principal): Promise<boolean> => {
    const { tasksMax: max, tasksPerPrincipalMax: perOwnerMax } = limits;
    const room = anonymous === true ? { max } : { max, perOwnerMax };
    if (await store().add(stored, room)) return true;
    await sweep();
    return store().add(stored, room);
  };
  const claim = async (stored: StoredTask): Promise<LiveTask | undefined> => {
    const { owner, id, node } = stored;
    const { self } = host.kept.now().cluster;
    const claimed = await reached(() => store().claim(owner, id, node, self));
    // Somebody else here may have been as fast.
    if (claimed === undefined || live.get(id) !== undefined) return undefined;
    arm(claimed.createdAt + claimed.ttlMs);
    return live.add(claimed);
  };

  return {
    change: live.change,
    note: live.note,
    changed: watch.changed,
    liveOf: live.get,
    claim,
    release: ({ stored }) => live.drop(stored.id),
    async create(given, owner) {
      const at = clock.now();
      const id = toBase64Url(random.bytes(idBytes));
      const { self } = host.kept.now().cluster;
      const times = { createdAt: at, updatedAt: at };
      const which = { ...given, ...times, id, owner: owner.id, node: self };
      const stored: StoredTask = { ...which, status: 'working', keys: [] };
      // Whoever finds it in the store must find it at work, too.
      const task = live.add(stored);
      const isIn = await reached(() => add(stored, owner)).catch((thrown: unknown) => {
        live.drop(id);
        throw thrown;
      });
      if (isIn) {
        arm(at + given.ttlMs);
        return task;
      }
      live.drop(id);
      throw new McpError('tooManyRequests', 'There are too many tasks; try again later');
    },
    async find(owner, id) {
      const stored = await reached(() => store().get(owner, id));
      if (stored === undefined || isOver(stored)) throw unknownTask();
      return live.get(id)?.stored ?? stored;
    },
    isElsewhere: ({ node }) =>
      reached(() => {
        const { cluster } = host.kept.now();
        return node !== cluster.self && cluster.isAlive(node);
      }),
    async page(owner, cursor) {
      const isKnown =
        cursor === undefined || (await reached(() => store().get(owner, cursor))) !== undefined;
      if (!isKnown) throw badCursor();
      const found = await reached(() => store().list(owner, cursor, limits.pageItemsMax + 1));
      const page = found.slice(0, limits.pageItemsMax);
      const last = page.at(-1);
      const tasks = page
        .filter((stored) => !isOver(stored))
        .map((stored) => live.get(stored.id)?.stored ?? stored);
      return found.length > page.length && last !== undefined
        ? { tasks, nextCursor: last.id }
        : { tasks };
    },
    close() {
      closed = true;
      alarm?.stop();
      watch.close();
      live.close();
    },
  };
}

/** What a store or a cluster says; that it cannot be reached is no fault of the call. */
async function reached<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw unavailable('The tasks cannot be reached', cause);
  }
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
