import { serverPeer } from '../engine/link.js';
import { type Deadline, startDeadline } from '../engine/deadline.js';
import { unlessAborted } from '../engine/pending.js';
import { McpError } from '../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { methodRow, type MethodRows } from '../protocol/methods.js';
import type { LoggingLevel } from '../protocol/modern.types.js';
import type { TaskState } from '../protocol/tasks.js';
import type { Patience } from './patience.js';
import type { CallIo } from './retry-lost.js';

export interface Progress {
  /** How far the work is; in the server's own unit. */
  readonly done: number;
  /** The whole of it, where the server knows. */
  readonly of?: number;
  readonly message?: string;
}

export interface LogMessage {
  readonly level: LoggingLevel;
  readonly logger?: string;
  readonly data: unknown;
}

export interface CallOptions {
  /** Cancels the call, by the protocol, when it aborts. */
  readonly signal?: AbortSignal;
  /** How long to wait without any progress, in ms. Default 60 s. */
  readonly timeoutMs?: number;
  /** How long to wait in all, in ms, whatever progress there is. Default 30 min. */
  readonly timeoutMsMax?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Log messages of this call. Needs `logLevel` of the client. */
  readonly onLog?: (message: LogMessage) => void;
  /** Doing it twice does no harm, so it is done again when the answer is lost on the way. */
  readonly idempotent?: boolean;
  /** How the call's task stands, whenever that has changed. Keep the id to come back to it. */
  readonly onTask?: (task: TaskState) => void;
  /** `_meta` of the request, such as trace context. */
  readonly meta?: JsonObject;
}

export interface CallerParts {
  readonly exchange: () => Exchange;
  readonly answers: Exchange;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly nextId: () => number;
  readonly patience: Patience;
  readonly onLog: ((message: LogMessage) => void) | undefined;
  /** Methods that extensions add. */
  readonly methods?: MethodRows;
}

/** Makes one call: rounds of questions and answers, deadline, cancellation, checked result. */
export type MakeCall = (
  method: string,
  params: JsonObject,
  options?: CallOptions & { readonly emit?: Io['emit']; readonly isStream?: boolean },
) => Promise<Result>;

export interface Caller {
  readonly call: MakeCall;
  /** Fails all calls that are open, and those to come. */
  close(): void;
}

export function createCaller(parts: CallerParts): Caller {
  const open = new Set<AbortController>();
  let closed = false;

  const call: MakeCall = async (method, params, options = {}) => {
    if (closed) throw connectionClosed();
    const controller = new AbortController();
    open.add(controller);
    const { signal } = options;
    const forward = (): void => controller.abort(cancelled(signal?.reason));
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    const deadline = options.isStream === true ? undefined : start(parts, options, controller);
    if (deadline !== undefined) parts.patience.add(deadline);
    const onlyGrowing = createGrowth();
    const io: CallIo = {
      signal: controller.signal,
      peer: serverPeer,
      emit:
        options.emit ??
        ((notification) => {
          if (!isSound(notification)) return;
          deadline?.extend();
          if (controller.signal.aborted || !onlyGrowing(notification)) return;
          try {
            deliver(notification, options, parts);
          } catch (cause) {
            // It is the caller's own code: what is at fault is this call, and nothing else.
            controller.abort(listenerThrew(cause));
          }
        }),
      deadline,
      idempotent: options.idempotent,
      onTask: options.onTask,
    };
    try {
      return await rounds(parts, io, method, withToken(method, params, options));
    } finally {
      open.delete(controller);
      if (deadline !== undefined) parts.patience.delete(deadline);
      deadline?.stop();
      signal?.removeEventListener('abort', forward);
    }
  };
  return {
    call,
    close() {
      closed = true;
      for (const controller of open) controller.abort(connectionClosed());
    },
  };
}

/** Answers what the server asks until it has its result (2026-07-28 basic/patterns/mrtr). */
async function rounds(
  parts: CallerParts,
  io: Io,
  method: string,
  makeParams: (id: number) => JsonObject,
): Promise<Result> {
  let added: JsonObject = {};
  for (let round = 0; round <= parts.limits.inputRoundsMax; round++) {
    // Each round is a request of its own, with a new id.
    const id = parts.nextId();
    const request: Request = { id, method, params: { ...makeParams(id), ...added } };
    const result = await parts.exchange()(request, io);
    const { resultType = 'complete' } = result;
    if (resultType !== 'complete' && resultType !== 'input_required') {
      throw unknownResultType(resultType);
    }
    (parts.methods?.get(method) ?? methodRow(method))?.checkResult(result);
    if (resultType === 'complete') return result;
    added = await answersFor(result, parts, io);
  }
  throw new McpError(
    'badResponse',
    `The server asked more than ${parts.limits.inputRoundsMax} times`,
  );
}

async function answersFor(result: Result, parts: CallerParts, io: Io): Promise<JsonObject> {
  const inputs = result['inputRequests'];
  const entries = Object.entries(isJsonObject(inputs) ? inputs : {});
  if (entries.length > parts.limits.questionsPendingMax) {
    throw new McpError('badResponse', `The server asks ${entries.length} questions at once`);
  }
  const { requestState } = result;
  const stateMax = parts.limits.serverMessageBytesMax;
  // It would be sent back with every round, at our cost.
  if (typeof requestState === 'string' && requestState.length > stateMax) {
    throw new McpError('badResponse', 'The server wants more sent back than a message may have');
  }
  const answer = async ([key, input]: [string, unknown]) => {
    const { method, params } = input as { method: string; params?: JsonObject };
    const question = { id: key, method, ...(params === undefined ? {} : { params }) };
    return [key, await parts.answers(question, io)] as const;
  };
  // Whoever answers may never come back, which must not keep a call that nobody wants any more.
  const answered = await unlessAborted(Promise.all(entries.map(answer)), io.signal);
  const inputResponses = Object.fromEntries(answered);
  return requestState === undefined ? { inputResponses } : { inputResponses, requestState };
}

// Calls always ask for progress: what is never sent cannot extend a timeout.
function withToken(
  method: string,
  params: JsonObject,
  options: CallOptions,
): (id: number) => JsonObject {
  const wanted = method === 'tools/call' || options.onProgress !== undefined;
  if (!wanted && options.meta === undefined) return () => params;
  return (id) => ({
    ...params,
    _meta: wanted ? { ...options.meta, progressToken: id } : options.meta,
  });
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

/** Progress grows over all rounds of a call, also where a server begins anew with each. */
function createGrowth(): (notification: Notification) => boolean {
  let seen = -Infinity;
  return ({ method, params }) => {
    if (method !== 'notifications/progress') return true;
    const progress = params?.['progress'] as number;
    if (!(progress > seen)) return false;
    seen = progress;
    return true;
  };
}

function deliver(
  { method, params = {} }: Notification,
  options: CallOptions,
  parts: CallerParts,
): void {
  if (method === 'notifications/progress') {
    const { progress, total, message } = params;
    options.onProgress?.({
      done: progress as number,
      ...(total === undefined ? {} : { of: total as number }),
      ...(message === undefined ? {} : { message: message as string }),
    });
  } else if (method === 'notifications/message') {
    (options.onLog ?? parts.onLog)?.(params as unknown as LogMessage);
  }
}

function start(
  { limits, clock }: CallerParts,
  options: CallOptions,
  controller: AbortController,
): Deadline {
  const ms = options.timeoutMs ?? limits.clientCallMs;
  return startDeadline(clock, {
    ms,
    msMax: Math.max(ms, options.timeoutMsMax ?? limits.clientCallMsMax),
    holdsProcess: true,
    onExpire: () =>
      controller.abort(new McpError('timeout', `No answer and no progress within ${ms} ms`)),
  });
}

function connectionClosed(): McpError {
  return new McpError('connectionClosed', 'The connection was closed');
}

function cancelled(reason: unknown): McpError {
  return new McpError('cancelled', 'The call was cancelled', { cause: reason });
}

function listenerThrew(cause: unknown): McpError {
  return new McpError('cancelled', 'The call was cancelled: onProgress or onLog threw', { cause });
}

function unknownResultType(resultType: unknown): McpError {
  return new McpError('badResponse', `Unknown resultType ${JSON.stringify(resultType)}`);
}
