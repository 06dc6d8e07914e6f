import { pause } from '../engine/back-off.js';
import { cancellingOf } from '../engine/cancelling.js';
import type { Inbound, Link } from '../engine/link.js';
import { unlessAborted } from '../engine/pending.js';
import { createRestarts } from '../engine/restarts.js';
import { McpError } from '../errors.js';
import type { Io, Request, Result } from '../exchange.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { quietly } from '../platform/quietly.js';
import { hasModernMeta } from '../protocol/meta.js';
import { watchChild, type WatchedChild } from './watched-child.js';

/** For how long a child lives, and whether another one follows. */
export interface Supervision {
  /**
   * Stops the server when nothing was asked of it for this long, in ms; the next call starts it
   * again. What it does without an open call or subscription does not count. Default: never.
   */
  readonly idleMs?: number;
  /**
   * Replaces the server when it has lived this long, in ms: open calls finish in the old one, and
   * the next call starts the new one beside it. Default: never.
   */
  readonly lifetimeMs?: number;
  /** Whether a server that has ended by itself is started again when needed. Default: true. */
  readonly restart?: boolean;
}

export interface SuperviseOptions extends Supervision {
  /** Starts a child. */
  readonly start: () => Promise<Link>;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly nextId: () => number;
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/**
 * A link that outlives the child at its other end: the next request starts another one. Sessions do
 * not outlive theirs, which reads as it does over HTTP: `sessionNotFound`. One that has never
 * answered is not started again, since it says most by how it ended.
 */
export async function supervise(options: SuperviseOptions): Promise<Link> {
  const { limits, platform, restart = true } = options;
  const { clock } = platform;
  const restarts = createRestarts(limits, platform);
  const closing = new AbortController();
  const children = new Set<WatchedChild>();
  let inbound: Inbound | undefined;
  let current: WatchedChild | undefined;
  let starting: Promise<WatchedChild> | undefined;
  let death: McpError | undefined;
  let hasAnswered = false;
  let closed: Promise<void> | undefined;
  let markClosed = (_cause?: McpError): void => undefined;
  const over = new Promise<McpError | undefined>((resolve) => (markClosed = resolve));

  const adopt = (link: Link): WatchedChild => {
    const isListening = (): boolean => inbound?.isListening?.() === true;
    const child = watchChild(link, {
      ...options,
      clock,
      isListening,
      answered,
      lost,
      onDue: retire,
      onSilent: lose,
    });
    children.add(child);
    if (inbound !== undefined) link.accept(inbound);
    void link.closed.then((cause) => lose(child, cause ?? endedCleanly()));
    return child;
  };
  const discard = (child: WatchedChild): void => {
    void child.end().then(() => children.delete(child));
  };
  const leave = (child: WatchedChild): void => {
    if (current === child) current = undefined;
    // Those who listen in its session go on in another; those who do not hear of it with a call.
    if (child.hasSession) inbound?.missed?.(noSession());
  };
  const retire = (child: WatchedChild): void => {
    child.retire();
    void child.link.closed.then(() => discard(child));
    leave(child);
  };
  const lose = (child: WatchedChild, cause: McpError): void => {
    const isWanted = current === child;
    discard(child);
    if (!isWanted || closing.signal.aborted) return;
    failed(cause, child.startedAt);
    leave(child);
  };
  const failed = (cause: McpError, startedAt: number): void => {
    death = cause;
    if (!mayRestart()) return markClosed(cause);
    restarts.failed(startedAt);
    const { refusedMs } = restarts;
    warn(refusedMs > 0 ? leftAlone(cause, refusedMs, limits).message : startsAgain(cause));
  };
  const warn = (warning: string): void => {
    quietly(() => options.onWarning?.(warning));
  };
  const mayRestart = (): boolean => restart && hasAnswered;

  const next = (): Promise<WatchedChild> => {
    if (closing.signal.aborted) return Promise.reject(wasClosed());
    if (death !== undefined && !mayRestart()) return Promise.reject(death);
    starting ??= startNext().finally(() => (starting = undefined));
    starting.catch(() => undefined);
    return starting;
  };
  const startNext = async (): Promise<WatchedChild> => {
    if (death !== undefined) {
      const { refusedMs, waitMs } = restarts;
      if (refusedMs > 0) throw leftAlone(death, refusedMs, limits);
      if (waitMs > 0) await pause(clock, waitMs, closing.signal);
    }
    // Two of them at once may want the same file or port.
    await Promise.all([...children].flatMap(({ ended }) => ended ?? []));
    if (closing.signal.aborted) throw wasClosed();
    if (death !== undefined) restarts.starting();
    const startedAt = clock.now();
    const link = await options.start().catch((thrown: unknown) => {
      const cause = McpError.from(thrown);
      failed(cause, startedAt);
      throw cause;
    });
    const child = adopt(link);
    if (closing.signal.aborted) {
      await child.end();
      throw wasClosed();
    }
    death = undefined;
    return (current = child);
  };

  const answered = (result: Result): Result => {
    hasAnswered = true;
    return result;
  };
  const lost = (thrown: unknown): never => {
    if (!(thrown instanceof McpError)) throw thrown;
    if (thrown.fromPeer) hasAnswered = true;
    if (thrown.kind !== 'connectionClosed' || closing.signal.aborted) throw thrown;
    throw new McpError('outcomeUnknown', 'The server ended before it answered', { cause: thrown });
  };
  const run = (child: WatchedChild, request: Request, io: Io): Promise<Result> => {
    if (needsSession(request) && !child.hasSession) return Promise.reject(noSession());
    return child.exchange(request, io);
  };
  const closeAll = async (): Promise<void> => {
    closing.abort();
    current = undefined;
    const ends = [...children].map((child) => child.end());
    await Promise.all([...ends, starting?.catch(() => undefined)]);
    markClosed();
  };

  current = adopt(await options.start());
  return {
    exchange(request, io) {
      if (current !== undefined) return run(current, request, io);
      return unlessAborted(next(), cancellingOf(io)).then((child) => run(child, request, io));
    },
    notify: (notification) => current?.link.notify(notification),
    accept(given) {
      inbound = given;
      current?.link.accept(given);
    },
    close: () => (closed ??= closeAll()),
    closed: over,
  };
}

function needsSession({ method, params }: Request): boolean {
  return method !== 'initialize' && !hasModernMeta(params);
}

function noSession(): McpError {
  return new McpError('sessionNotFound', 'The server was started anew and has no session yet');
}

function wasClosed(): McpError {
  return new McpError('connectionClosed', 'The connection was closed');
}

function endedCleanly(): McpError {
  return new McpError('connectionClosed', 'The server closed its side of the connection');
}

function startsAgain({ message }: McpError): string {
  return `${sentence(message)} It is started again when it is needed.`;
}

/** Some messages end with advice, and so with a full stop of their own. */
function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}

/** The breaker is open: says why, until when, and what to do. */
function leftAlone(cause: McpError, refusedMs: number, limits: Limits): McpError {
  const { restartsMax, restartWindowMs } = limits;
  const text =
    `${sentence(cause.message)} It was started again ${restartsMax} times within ` +
    `${restartWindowMs / 1000} s, so it is left alone. Mend what it died of; a call in ` +
    `${Math.ceil(refusedMs / 1000)} s or later tries it again.`;
  return new McpError('unavailable', text, { cause, retryAfterMs: refusedMs });
}
