import type { Work } from '../../engine/detached.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { isTerminal } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import type { ExtensionHost } from '../extension.js';
import { defined } from '../parts.js';
import { unavailable } from '../../engine/unavailable.js';

/** A task that this process works on, or waits with for answers. */
export interface LiveTask {
  readonly stored: StoredTask;
  work?: Work;
  /** Goes on with the answers to all questions that wait. */
  answered?: (answers: JsonObject) => void;
}

export type TaskChange = {
  -readonly [member in keyof StoredTask]?: StoredTask[member] | undefined;
};

/** A change that follows from how a task stands. */
export interface Becoming {
  readonly change: TaskChange;
  /** Called in the moment in which it counts. */
  readonly made?: () => void;
}

/** Undefined for no change at all. */
type Become = (stored: StoredTask) => Becoming | undefined;

/** The tasks that this node has to do with, each changed by one step at a time. */
export interface LiveTasks {
  add(stored: StoredTask): LiveTask;
  get(id: string): LiveTask | undefined;
  all(): Iterable<LiveTask>;
  /** What becomes of it is no business of this node (any more). */
  drop(id: string): void;
  /**
   * Changes a task, unless it has ended: stores that first, then tells it. What the store does not
   * take is tried again for as long as the task lives, unless somebody waits `atOnce`. False when
   * the task is not (any more) this node's.
   */
  change(live: LiveTask, change: TaskChange | Become, when?: 'atOnce'): Promise<boolean>;
  /** Says what a task is at: told at once, and stored soon. */
  note(live: LiveTask, statusMessage: string): void;
  close(): void;
}

interface Entry extends LiveTask {
  stored: StoredTask;
  /** Ends when all changes so far are made. */
  changing: Promise<void>;
  stopNoting?: () => void;
}

export function createLiveTasks(
  store: () => TaskStore,
  { platform: { clock }, limits }: ExtensionHost,
  tell: (stored: StoredTask) => void,
): LiveTasks {
  const entries = new Map<string, Entry>();
  const pauses = new Set<() => void>();

  const drop = (id: string): void => {
    const entry = entries.get(id);
    entries.delete(id);
    entry?.stopNoting?.();
  };
  const ownOf = ({ stored: { id } }: LiveTask): Entry | undefined => {
    const entry = entries.get(id);
    return entry === undefined || isTerminal(entry.stored.status) ? undefined : entry;
  };
  const put = async (stored: StoredTask): Promise<boolean> => {
    try {
      return await store().put(stored);
    } catch (cause) {
      throw unavailable('The task cannot be stored', cause);
    }
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        stop();
        pauses.delete(goOn);
        resolve();
      };
      const stop = clock.after(limits.taskSaveMs, goOn);
      pauses.add(goOn);
    });
  const lose = (entry: Entry): void => {
    // Another node has taken it for itself, or its time is over.
    if (entries.get(entry.stored.id) === entry) drop(entry.stored.id);
    entry.work?.flight.end('disconnected');
  };
  const attempt = async (entry: Entry, become: Become): Promise<boolean> => {
    const becoming = become(entry.stored);
    if (becoming === undefined) return true;
    const next = { ...entry.stored, ...becoming.change, updatedAt: clock.now() };
    const stored = defined(next) as StoredTask;
    if (!(await put(stored))) {
      lose(entry);
      return false;
    }
    entry.stored = stored;
    becoming.made?.();
    tell(stored);
    if (isTerminal(stored.status)) drop(stored.id);
    return true;
  };
  const make = async (entry: Entry, become: Become, when?: 'atOnce'): Promise<boolean> => {
    for (;;) {
      // Whatever has ended needs no change any more.
      if (ownOf(entry) !== entry) return isTerminal(entry.stored.status);
      try {
        return await attempt(entry, become);
      } catch (thrown) {
        if (when === 'atOnce') throw thrown;
        await pause();
      }
    }
  };
  const enqueue = <T>(entry: Entry, step: () => Promise<T>): Promise<T> => {
    const made = entry.changing.then(step);
    entry.changing = made.then(
      () => undefined,
      () => undefined,
    );
    return made;
  };
  const storeNote = async (entry: Entry): Promise<void> => {
    delete entry.stopNoting;
    if (ownOf(entry) === entry && !(await put(entry.stored))) lose(entry);
  };

  return {
    drop,
    get: (id) => entries.get(id),
    all: () => entries.values(),
    add(stored) {
      const entry = { stored, changing: Promise.resolve() };
      entries.set(stored.id, entry);
      return entry;
    },
    change(live, change, when) {
      const entry = live as Entry;
      const become = typeof change === 'function' ? change : () => ({ change });
      return enqueue(entry, () => make(entry, become, when));
    },
    note(live, statusMessage) {
      const entry = ownOf(live);
      if (entry === undefined) return;
      entry.stored = { ...entry.stored, statusMessage, updatedAt: clock.now() };
      tell(entry.stored);
      entry.stopNoting ??= clock.after(limits.taskNoteMs, () => {
        // The next note, or change, makes up for one that is not stored.
        enqueue(entry, () => storeNote(entry)).catch(() => undefined);
      });
    },
    close() {
      for (const { work } of entries.values()) work?.flight.end('shutDown');
      for (const id of [...entries.keys()]) drop(id);
      for (const goOn of pauses) goOn();
    },
  };
}
