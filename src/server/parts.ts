import { type ErrorKind, errorTable, McpError } from '../errors.js';
import type { Exchange, Io, Peer, Request, Result } from '../exchange.js';
import type { Limits } from '../limits.js';
import { isPromised } from '../platform/when.js';
import type { Changes } from './changes.js';
import type { ToolView } from './extension.js';
import type { RunRound } from './rounds.js';
import type { Needed } from './scopes.js';
import type { TaskRunner } from './tasks/runner.js';
import { isUnavailable } from '../engine/unavailable.js';

/**
 * Gets what a handler threw and no peer may see. What it returns is told to the peer instead, so
 * that the two can be brought together.
 */
export type Report = (thrown: unknown, request: Request) => string;

/** What the parts of a server share: made once with it. */
export interface ServerParts {
  readonly limits: Limits;
  readonly changes: Changes;
  readonly runRound: RunRound;
  readonly report: Report;
  /** Runs tools as tasks, where the server has that extension. */
  readonly tasks: TaskRunner | undefined;
  /** The tools that a caller does not see; nothing when it sees all. */
  readonly viewOf: (peer: Peer) => ToolView | undefined;
  /** The scopes of whatever names none of its own. */
  readonly scopes: Needed;
  /** Hints for clients that keep lists (`ttlMs`, `cacheScope`). */
  readonly listHints: () => { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
}

export type Handler = (request: Request, io: Io) => Result | Promise<Result>;

/**
 * The kinds that a handler may refuse its caller with. Not `unauthorized`, which without a
 * challenge beside it would send the caller to sign in anew, nor what speaks of a connection or a
 * session: the caller would take it for its own.
 */
const answers: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'invalidRequest',
  'methodNotFound',
  'invalidParams',
  'invalidEnvelope',
  'headerMismatch',
  'missingClientCapability',
  'resourceNotFound',
  'forbidden',
  'insufficientScope',
  'tooManyRequests',
  // A code of the author's own.
  'peer',
]);

const causesMax = 16;

// What somebody else answered this server is not this server's answer, however it is wrapped.
function isForCaller(thrown: unknown): thrown is McpError {
  if (!(thrown instanceof McpError)) return false;
  if (isUnavailable(thrown)) return true;
  if (!answers.has(thrown.kind)) return false;
  let error: unknown = thrown;
  for (let depth = 0; error instanceof Error; depth++) {
    if (depth === causesMax) return false;
    if (error instanceof McpError) {
      if (error.fromPeer || errorTable[error.kind].fault === 'connection') return false;
    }
    error = error.cause;
  }
  return true;
}

/** Errors whose cause was reported. */
const reported = new WeakSet<McpError>();

/**
 * What a handler threw, as its caller may see it: its own refusal, or no more than that something
 * went wrong. That is reported.
 */
export function failureOf(thrown: unknown, request: Request, io: Io, report: Report): McpError {
  if (isForCaller(thrown)) return thrown;
  // Work that stops because nobody waits for it any more has not failed.
  if (io.signal.aborted) return McpError.from(io.signal.reason);
  return masked(thrown, report(thrown, request));
}

function masked(cause: unknown, reference: string): McpError {
  const error = new McpError('internal', 'Internal error', { cause, data: { reference } });
  reported.add(error);
  return error;
}

/** Reports what is wrong with the server or its middleware, unless a handler's fault was before. */
export function withReports(next: Handler, report: Report): Exchange {
  const asTold = (thrown: unknown, request: Request, io: Io): McpError => {
    const error = McpError.from(thrown);
    const isKnown = error.kind !== 'internal' || error.cause === undefined;
    if (isKnown || reported.has(error) || io.signal.aborted) return error;
    return masked(thrown, report(thrown, request));
  };
  const whenAnswered = (answer: PromiseLike<Result>, request: Request, io: Io): Promise<Result> =>
    Promise.resolve(answer).catch((thrown: unknown) => {
      throw asTold(thrown, request, io);
    });
  // Not async: there are many that listen for days, and a function that waits is large.
  return (request, io) => {
    try {
      const answer = next(request, io);
      return isPromised(answer) ? whenAnswered(answer, request, io) : Promise.resolve(answer);
    } catch (thrown) {
      return Promise.reject(asTold(thrown, request, io));
    }
  };
}

/** A copy of `options` without members that are undefined, as JSON would have it. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
