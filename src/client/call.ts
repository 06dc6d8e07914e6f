import { createDeadlines } from '../engine/deadlines.js';
import { LinkedList } from '../engine/linked-list.js';
import { unlessAborted } from '../engine/pending.js';
import { McpError } from '../errors.js';
import type { Exchange, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { withMeta } from '../protocol/meta.js';
import { methodRow, type MethodRows } from '../protocol/methods.js';
import type { LoggingLevel } from '../protocol/modern.types.js';
import type { TaskState } from '../protocol/tasks.js';
import { OpenCall, type OpenCallOptions } from './open-call.js';
import type { Patience } from './patience.js';

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
  options?: OpenCallOptions,
) => Promise<Result>;

export interface Caller {
  readonly call: MakeCall;
  /** Fails all calls that are open, and those to come. */
  close(): void;
}

export function createCaller(parts: CallerParts): Caller {
  const open = new LinkedList<OpenCall>();
  // Somebody waits for nothing else.
  const deadlines = createDeadlines(parts.clock, { holdsProcess: true });
  parts.patience.add(deadlines);
  const callParts = { ...parts, startDeadline: deadlines.start };
  let closed = false;

  const call: MakeCall = (method, params, options = {}) => {
    if (closed) return Promise.reject(connectionClosed());
    let io: OpenCall;
    try {
      io = new OpenCall(options, callParts);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
    open.add(io);
    return rounds(parts, { method, params, options }, io, over);
  };
  const over = (io: OpenCall): void => {
    open.delete(io);
    io.stop();
  };
  return {
    call,
    close() {
      closed = true;
      parts.patience.delete(deadlines);
      for (const io of open) io.abort(connectionClosed());
      // None of them has anything left to wait for.
      deadlines.close();
    },
  };
}

/** What is asked, whatever round it is. */
interface Asked {
  readonly method: string;
  readonly params: JsonObject;
  readonly options: CallOptions;
}

/** Answers what the server asks until it has its result (2026-07-28 basic/patterns/mrtr). */
async function rounds(
  parts: CallerParts,
  asked: Asked,
  io: OpenCall,
  over: (io: OpenCall) => void,
): Promise<Result> {
  const { method } = asked;
  const roundsMax = parts.limits.inputRoundsMax;
  let added: JsonObject | undefined;
  try {
    for (let round = 0; round <= roundsMax; round++) {
      // Each round is a request of its own, with a new id.
      const id = parts.nextId();
      const params = paramsOf(asked, id);
      const sent = added === undefined ? params : { ...params, ...added };
      const exchanged = parts.exchange()({ id, method, params: sent }, io);
      const result = await (round === 0 ? exchanged : exchanged.catch(halfDone));
      const { resultType = 'complete' } = result;
      if (resultType !== 'complete' && resultType !== 'input_required') {
        throw unknownResultType(resultType);
      }
      (parts.methods?.get(method) ?? methodRow(method))?.checkResult(result);
      if (resultType === 'complete') return result;
      added = await answersFor(result, parts, io);
    }
    throw new McpError('badResponse', `The server asked more than ${roundsMax} times`);
  } finally {
    over(io);
  }
}

/** What was not done in this round has begun in an earlier one. */
function halfDone(thrown: unknown): never {
  const error = McpError.from(thrown);
  if (error.kind !== 'connectionFailed' && error.kind !== 'unavailable') throw error;
  const text = `The answers could not be brought to the server: ${error.message}`;
  throw new McpError('outcomeUnknown', text, { cause: error });
}

async function answersFor(result: Result, parts: CallerParts, io: OpenCall): Promise<JsonObject> {
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
  const answered = await unlessAborted(Promise.all(entries.map(answer)), io.cancelling);
  const inputResponses = Object.fromEntries(answered);
  return requestState === undefined ? { inputResponses } : { inputResponses, requestState };
}

// Calls always ask for progress: what is never sent cannot extend a timeout.
function paramsOf({ method, params, options }: Asked, id: number): JsonObject {
  const { meta, onProgress } = options;
  if (method === 'tools/call' || onProgress !== undefined) {
    const _meta = meta === undefined ? { progressToken: id } : { ...meta, progressToken: id };
    return withMeta(params, _meta);
  }
  return meta === undefined ? params : withMeta(params, meta);
}

function connectionClosed(): McpError {
  return new McpError('connectionClosed', 'The connection was closed');
}

function unknownResultType(resultType: unknown): McpError {
  return new McpError('badResponse', `Unknown resultType ${JSON.stringify(resultType)}`);
}
