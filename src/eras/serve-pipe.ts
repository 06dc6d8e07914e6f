import type { Exchange, Peer, Principal, Request, Result, Served } from '../exchange.js';
import { createChannel } from '../engine/channel.js';
import type { Running } from '../engine/drain.js';
import type { Pipe } from '../engine/pipe.js';
import { McpError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { classifyOnPipe } from './classify.js';
import { type LegacySession, openSession } from './legacy/session.js';
import { serveModern } from './modern/serve.js';

export interface ServePipeOptions {
  readonly limits: Limits;
  readonly platform: Platform;
  /** Who is at the other end; a pipe carries no proof of identity of its own. */
  readonly principal: Principal;
  /** The bounded group, shared with other pipes, in which calls take places. */
  readonly calls?: Running;
  /** How long running calls may finish after a clean end of input, in ms. */
  readonly drainOnEndMs?: number;
}

/** A server at one end of a pipe. */
export interface ServedPipe {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  /** Lets running calls finish for up to `drainMs`, then ends the connection. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** Serves both eras over one pipe: a legacy session for the whole of it, modern requests beside. */
export function servePipe(served: Served, pipe: Pipe, options: ServePipeOptions): ServedPipe {
  const { limits, platform, principal } = options;
  const modern = serveModern(served);
  let session: LegacySession | undefined;
  let opening = false;
  let hasEnded = false;
  let lastId = 0;
  let markClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => (markClosed = resolve));
  const peer: Peer = { principal, protocolVersion: '', capabilities: {} };

  const open = async (request: Request): Promise<Result> => {
    // Two handshakes in one burst must not make two sessions.
    if (opening) throw new McpError('invalidRequest', 'This connection is being initialized');
    opening = true;
    try {
      const { clock } = platform;
      const nextId = (): number => ++lastId;
      const opened = await openSession(request, { served, principal, limits, clock, nextId });
      session = opened.session;
      if (hasEnded) session.close();
      session.announce.start((notification) => channel.notify(notification));
      return opened.welcome;
    } finally {
      opening = false;
    }
  };
  const serve: Exchange = (request, io) => {
    const verdict = classifyOnPipe(request, session !== undefined);
    if (verdict instanceof McpError) return Promise.reject(verdict);
    if (verdict === 'modern') return modern(request, io);
    if (verdict === 'initialize') return open(request);
    return session === undefined ? Promise.resolve({}) : session.serve(request, io);
  };
  const channel = createChannel({
    pipe,
    clock: platform.clock,
    limits,
    peer,
    serve,
    notice: (notification) => void session?.notice(notification),
    callMs: limits.serverCallMs,
    group: options.calls,
    isStream: ({ method }) => method === 'subscriptions/listen',
    ...(options.drainOnEndMs === undefined ? {} : { drainOnEndMs: options.drainOnEndMs }),
    takesBatches: () => session?.takesBatches === true,
    onEnd: () => {
      hasEnded = true;
      session?.close();
      markClosed();
    },
  });

  return {
    closed,
    close: ({ drainMs = 0 } = {}) => channel.close(drainMs),
  };
}
