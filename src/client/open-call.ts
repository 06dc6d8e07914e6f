import { serverPeer } from '../engine/link.js';
import { Cancellation } from '../engine/cancelling.js';
import type { Deadline, DeadlineOptions } from '../engine/deadline.js';
import type { Linked } from '../engine/linked-list.js';
import { McpError } from '../errors.js';
import type { Cancelling, Io, Notification, Peer } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import { methodRow } from '../protocol/methods.js';
import type { TaskState } from '../protocol/tasks.js';
import type { CallOptions, LogMessage, Progress } from './call.js';
import type { CallIo } from './retry-lost.js';

/** What one call was made with. */
export interface OpenCallOptions extends CallOptions {
  /** Takes its notifications instead of the listeners. */
  readonly emit?: Io['emit'];
  /** It lives long, and under no timeout. */
  readonly isStream?: boolean;
}

export interface OpenCallParts {
  readonly limits: Limits;
  readonly startDeadline: (options: DeadlineOptions) => Deadline;
  /** Gets the log messages of calls that have no listener of their own. */
  readonly onLog: ((message: LogMessage) => void) | undefined;
}

/** The Io of one call of ours: what ends it, its timeout, and who is told of its progress. */
export class OpenCall implements CallIo, Linked<OpenCall> {
  previous: OpenCall | undefined;
  next: OpenCall | undefined;
  readonly peer: Peer = serverPeer;
  readonly deadline: Deadline | undefined;
  readonly #cancellation = new Cancellation();
  readonly #options: OpenCallOptions;
  readonly #onLog: OpenCallParts['onLog'];
  #forward: (() => void) | undefined;
  #progressSeen = -Infinity;

  constructor(options: OpenCallOptions, parts: OpenCallParts) {
    this.#options = options;
    this.#onLog = options.onLog ?? parts.onLog;
    if (options.signal !== undefined) this.#follow(options.signal);
    this.deadline = options.isStream === true ? undefined : this.#start(parts);
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  get cancelling(): Cancelling {
    return this.#cancellation;
  }

  get idempotent(): boolean | undefined {
    return this.#options.idempotent;
  }

  get onTask(): ((task: TaskState) => void) | undefined {
    return this.#options.onTask;
  }

  abort(reason: McpError): void {
    this.#cancellation.abort(reason);
  }

  emit(notification: Notification): void | Promise<void> {
    const { emit } = this.#options;
    if (emit !== undefined) return emit(notification);
    if (!isSound(notification)) return;
    this.deadline?.extend();
    if (this.#cancellation.aborted || !this.#isNew(notification)) return;
    try {
      this.#deliver(notification);
    } catch (cause) {
      // It is the caller's own code: what is at fault is this call, and nothing else.
      this.abort(listenerThrew(cause));
    }
  }

  /** The call is over. */
  stop(): void {
    this.deadline?.stop();
    if (this.#forward !== undefined) {
      this.#options.signal?.removeEventListener('abort', this.#forward);
    }
  }

  #follow(signal: AbortSignal): void {
    const forward = (): void => this.abort(cancelled(signal.reason));
    this.#forward = forward;
    if (signal.aborted) forward();
    signal.addEventListener('abort', forward, { once: true });
  }

  #start({ limits, startDeadline }: OpenCallParts): Deadline {
    const { timeoutMs: ms = limits.clientCallMs, timeoutMsMax = limits.clientCallMsMax } =
      this.#options;
    return startDeadline({
      ms,
      msMax: Math.max(ms, timeoutMsMax),
      onExpire: () => this.abort(tooLong(ms)),
    });
  }

  /** Progress grows over all rounds of a call, also where a server begins anew with each. */
  #isNew({ method, params }: Notification): boolean {
    if (method !== 'notifications/progress') return true;
    const progress = params?.['progress'] as number;
    if (!(progress > this.#progressSeen)) return false;
    this.#progressSeen = progress;
    return true;
  }

  #deliver({ method, params = {} }: Notification): void {
    if (method === 'notifications/progress') {
      this.#options.onProgress?.(asProgress(params));
    } else if (method === 'notifications/message') {
      this.#onLog?.(params as unknown as LogMessage);
    }
  }
}

/** Whether it is what its method says: listeners get nothing else, whatever a server sends. */
export function isSound({ method, params }: Notification): boolean {
  try {
    methodRow(method)?.checkParams(params);
    return true;
  } catch {
    return false;
  }
}

function asProgress({ progress, total, message }: JsonObject): Progress {
  return {
    done: progress as number,
    ...(total === undefined ? {} : { of: total as number }),
    ...(message === undefined ? {} : { message: message as string }),
  };
}

function tooLong(ms: number): McpError {
  return new McpError('timeout', `No answer and no progress within ${ms} ms`);
}

function cancelled(reason: unknown): McpError {
  return new McpError('cancelled', 'The call was cancelled', { cause: reason });
}

function listenerThrew(cause: unknown): McpError {
  return new McpError('cancelled', 'The call was cancelled: onProgress or onLog threw', { cause });
}
