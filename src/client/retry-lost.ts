import { backOffMs, pause } from '../engine/back-off.js';
import { abortError } from '../engine/pending.js';
import { McpError } from '../errors.js';
import type { Exchange, Io, Middleware, Request, Result } from '../exchange.js';
import { isJsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { metaKeys } from '../protocol/meta.js';
import type { TaskState } from '../protocol/tasks.js';
import type { KnownTools } from './known-tools.js';

/**
 * What is done again when its answer was lost on the way: `safe` are requests that only look;
 * `hinted` also calls of tools that say of themselves that they only look, or may be repeated.
 */
export type RetryChoice = 'never' | 'safe' | 'hinted';

/** An Io of this client's own calls. */
export interface CallIo extends Io {
  /** The caller knows that the call may be repeated. */
  readonly idempotent?: boolean | undefined;
  /** Told how the call's task stands. */
  readonly onTask?: ((task: TaskState) => void) | undefined;
}

export interface RetryOptions {
  readonly retry: RetryChoice;
  readonly tools: KnownTools;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly nextId: () => number;
  /** Aborts when the connection has ended: there is nobody to ask again. */
  readonly ended: AbortSignal;
}

/**
 * Asks again, as a request of its own, when a connection broke before the answer and asking twice
 * does no harm. Everything else fails at once: only the caller can find out what was done.
 */
export function retryLost(options: RetryOptions): Middleware {
  const { retry, tools, limits, platform, nextId, ended } = options;
  const spend = createBudget(options);
  if (retry === 'never') return (next) => next;

  const mayRepeat = (request: Request, io: CallIo): boolean => {
    if (request.method !== 'tools/call') return isSafe(request);
    if (io.idempotent === true) return true;
    return retry === 'hinted' && tools.get(request.params?.['name'])?.mayBeRepeated === true;
  };

  const repeat = async (next: Exchange, request: Request, io: Io): Promise<Result> => {
    for (let failures = 0, asked = request; ; failures++) {
      try {
        return await next(asked, io);
      } catch (thrown) {
        if (!isLost(thrown) || failures >= limits.callRetriesMax) throw thrown;
        if (ended.aborted || !spend()) throw thrown;
        const ms = backOffMs(failures, limits, platform.random);
        await pause(platform.clock, ms, io.signal, ended);
        if (io.signal.aborted) throw abortError(io.signal);
        if (ended.aborted) throw thrown;
        asked = withId(request, nextId());
      }
    }
  };
  return (next) => (request, io) =>
    mayRepeat(request, io) ? repeat(next, request, io) : next(request, io);
}

function isLost(thrown: unknown): boolean {
  return thrown instanceof McpError && thrown.kind === 'outcomeUnknown';
}

const safeMethods: ReadonlySet<string> = new Set([
  'server/discover',
  'ping',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'tasks/get',
  'tasks/list',
]);

// Answers to a server's questions may be good for one time only.
function isSafe({ method, params }: Request): boolean {
  return safeMethods.has(method) && params?.['inputResponses'] === undefined;
}

function withId(request: Request, id: number): Request {
  const meta = request.params?.['_meta'];
  if (!isJsonObject(meta) || meta[metaKeys.progressToken] !== request.id) return { ...request, id };
  const _meta = { ...meta, [metaKeys.progressToken]: id };
  return { ...request, id, params: { ...request.params, _meta } };
}

/** So many in a minute, over all calls. */
function createBudget({ limits, platform }: RetryOptions): () => boolean {
  let since = -Infinity;
  let spent = 0;
  return () => {
    const now = platform.clock.now();
    if (now - since >= minuteMs) {
      since = now;
      spent = 0;
    }
    spent += 1;
    return spent <= limits.callRetriesPerMinuteMax;
  };
}

const minuteMs = 60_000;
