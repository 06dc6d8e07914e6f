import { McpError } from '../errors.js';
import type { Io, Peer, Request, Result } from '../exchange.js';
import type { Limits } from '../limits.js';
import type { Changes } from './changes.js';
import type { ToolView } from './extension.js';
import type { RunRound } from './rounds.js';
import type { TaskRunner } from './tasks/runner.js';

/** What the parts of a server share: made once with it. */
export interface ServerParts {
  readonly limits: Limits;
  readonly changes: Changes;
  readonly runRound: RunRound;
  /** Gets what a handler threw and no peer may see. */
  readonly report: (thrown: unknown, request: Request) => void;
  /** Runs tools as tasks, where the server has that extension. */
  readonly tasks: TaskRunner | undefined;
  /** The tools that a caller does not see; nothing when it sees all. */
  readonly viewOf: (peer: Peer) => ToolView | undefined;
  /** Hints for clients that keep lists (`ttlMs`, `cacheScope`). */
  readonly listHints: () => { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
}

export type Handler = (request: Request, io: Io) => Result | Promise<Result>;

/** What a handler threw, as its caller may see it. Reported where the handler is at fault. */
export function failureOf(
  thrown: unknown,
  request: Request,
  io: Io,
  report: ServerParts['report'],
): McpError {
  const isOurs = !(thrown instanceof McpError) || thrown.kind === 'internal';
  // Work that stops because nobody waits for it any more has not failed.
  if (isOurs && !io.signal.aborted) report(thrown, request);
  return McpError.from(thrown);
}

/** A copy of `options` without members that are undefined, as JSON would have it. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
