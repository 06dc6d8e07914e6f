import { McpError } from '../errors.js';
import type { Exchange, Notification, Peer } from '../exchange.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { isOfOnlyCall, requestIdOf } from '../protocol/routing.js';
import { createChannel } from './channel.js';
import type { Pipe } from './pipe.js';

/** What the other side may send of its own accord, and who takes it. */
export interface Inbound {
  /** Answers the server's questions (legacy eras only). */
  readonly ask: Exchange;
  /** Takes notifications that belong to no open request. */
  readonly notice: (notification: Notification) => void;
  /** Told that notices were missed: in a gap of their stream, or from now on, due to `cause`. */
  readonly missed?: (cause?: McpError) => void;
  /** Whether somebody waits for notices without an open request. */
  readonly isListening?: () => boolean;
}

/** One connection of a client, whatever carries it. */
export interface Link {
  /** Sends a request. Notifications that belong to it go to `io.emit`. */
  readonly exchange: Exchange;
  notify(notification: Notification): void | Promise<void>;
  /** Resolves once notices that belong to no call can arrive; absent where they always can. */
  noticesOpen?(): Promise<void>;
  /** How many messages have come in so far; absent where nobody counts them. */
  heard?(): number;
  /** Called once, before the first request. */
  accept(inbound: Inbound): void;
  /** Fails whatever is open and resolves when nothing of the connection is left. */
  close(): Promise<void>;
  /** Resolves when the connection has ended; with the reason when nobody here ended it. */
  readonly closed: Promise<McpError | undefined>;
}

/** What a client knows of a server as a peer: it is there. */
export const serverPeer: Peer = {
  principal: { id: 'server' },
  protocolVersion: '',
  capabilities: {},
};

/** The client's end of a pipe. */
export function pipeLink(pipe: Pipe, limits: Limits, clock: Clock): Link {
  let inbound: Inbound | undefined;
  let heard = 0;
  let markClosed = (_cause?: McpError): void => undefined;
  const closed = new Promise<McpError | undefined>((resolve) => (markClosed = resolve));
  const channel = createChannel({
    pipe,
    clock,
    limits,
    peer: serverPeer,
    serve: (request, io) => {
      if (inbound !== undefined) return inbound.ask(request, io);
      throw new McpError('methodNotFound', 'This client answers no requests');
    },
    notice: (notification) => inbound?.notice(notification),
    routeOf: requestIdOf,
    isOfOnlyCall,
    onReceive: () => heard++,
    onEnd: markClosed,
  });
  return {
    exchange: channel.exchange,
    notify: channel.notify,
    heard: () => heard,
    accept: (given) => (inbound = given),
    close: () => channel.close(),
    closed,
  };
}
