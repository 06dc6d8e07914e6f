/**
 * Where tasks are kept, so that results outlive the process and a restart loses nothing but the
 * work of its moment. All values are plain JSON. The owner is part of every look-up: no
 * implementation can hand one caller's task to another.
 */
import type { JsonObject } from '../json-rpc/message.js';

export interface StoredTask {
  /** Unguessable, made by the server. */
  readonly id: string;
  /** The id of the principal that may see it. */
  readonly owner: string;
  /** The node that works on it, or waits with it for answers; at the end, the last that did. */
  readonly node: string;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Kept until so long after `createdAt`, at least. */
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  readonly status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
  readonly statusMessage?: string;
  /** The call, to be entered again. */
  readonly request: { readonly method: string; readonly params?: JsonObject };
  /** What the caller said of itself. */
  readonly caller: JsonObject;
  /** What its caller's token allowed; absent where nobody asked for one. */
  readonly scopes?: readonly string[];
  /** Whether work that a restart cut off may simply be done again. */
  readonly restartable: boolean;
  /** What earlier rounds of the call left. */
  readonly state?: JsonObject;
  /** Questions that wait for an answer, by the key that the caller sees. */
  readonly questions?: { readonly [key: string]: StoredQuestion };
  /** Answers to the others of the same round, by the handler's own keys. */
  readonly answers?: JsonObject;
  /** Every key that was ever shown: none means two questions. */
  readonly keys: readonly string[];
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface StoredQuestion {
  /** The handler's own name for it. */
  readonly key: string;
  readonly question: { readonly method: string; readonly params?: JsonObject };
}

/** How many tasks there may be, on all nodes together. */
export interface TaskRoom {
  readonly max: number;
  /** Of one owner; absent where everybody is the same owner. */
  readonly perOwnerMax?: number;
}

/** Methods reject when the store cannot be reached, and then have done nothing that counts. */
export interface TaskStore {
  /**
   * Keeps a new task, which all nodes find from then on. False, and nothing is kept, when there are
   * as many as there may be; those whose time is over count until `expire` was called.
   */
  add(task: StoredTask, room: TaskRoom): Maybe<boolean>;
  /**
   * Keeps what became of a task, in its place in the list. False, and nothing changes, when it is
   * not kept (any more), or as that of another node.
   */
  put(task: StoredTask): Maybe<boolean>;
  /**
   * Makes `to` the node of a task in place of `from`, and tells how it stands then. Undefined, and
   * nothing changes, when `from` is not its node (any more), it has ended (`completed`, `failed`,
   * `cancelled`), or is not kept. One step: of several nodes that claim at the same time, one gets
   * it.
   */
  claim(owner: string, id: string, from: string, to: string): Maybe<StoredTask | undefined>;
  get(owner: string, id: string): Maybe<StoredTask | undefined>;
  /** Up to `count` tasks of one owner in the order of their creation, those after `after` only. */
  list(owner: string, after: string | undefined, count: number): Maybe<readonly StoredTask[]>;
  /**
   * Forgets all whose time is over at `now`; tells which, and when the next one's will be. Of
   * several nodes that call at the same time, each task is told to one.
   */
  expire(now: number): Maybe<{ readonly gone: readonly string[]; readonly nextAt?: number }>;
}

type Maybe<T> = T | Promise<T>;
