import { McpError } from '../errors.js';
import type { Exchange, Io, Notification, Peer, Request, Result } from '../exchange.js';
import type { Message, RequestId } from '../json-rpc/message.js';
import { isRequest, isResponse } from '../json-rpc/message.js';
import { ParseFailure } from '../json-rpc/parse.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { cancelledId, cancelledMethod, cancelledNotification } from '../protocol/cancellation.js';
import type { Running } from './drain.js';
import { createInbound, type Respond } from './inbound.js';
import { brokenAnswer, createPending, type PendingWire } from './pending.js';
import type { Pipe } from './pipe.js';

export interface ChannelOptions {
  readonly pipe: Pipe;
  readonly clock: Clock;
  readonly limits: Limits;
  /** What is known of the other side before it says anything. */
  readonly peer: Peer;
  /** Answers the requests of the other side. */
  readonly serve: Exchange;
  /** Gets the notifications that belong to no open request of ours. */
  readonly notice: (notification: Notification) => void;
  /** Names the request of ours that a notification belongs to, if it says so. */
  readonly routeOf?: (notification: Notification) => RequestId | undefined;
  /** Whether a notification without a name belongs to the call that is open, if just one is. */
  readonly isOfOnlyCall?: (notification: Notification) => boolean;
  /** How long a served request may run, in ms; absent means no deadline. */
  readonly callMs?: number;
  /** Long-lived requests, which count neither as calls nor against the deadline. */
  readonly isStream?: (request: Request) => boolean;
  /** The bounded group, shared with other pipes, in which served requests take places. */
  readonly group?: Running | undefined;
  /** How long running calls may finish after a clean end of input, in ms. */
  readonly drainOnEndMs?: number;
  /** Called whenever something comes in, whatever it is. */
  readonly onReceive?: () => void;
  /** Called once, whoever ended the connection. */
  readonly onEnd?: (cause?: McpError) => void;
  /** Whether batches are taken now; absent means never. */
  readonly takesBatches?: () => boolean;
}

/** Many exchanges over one pipe, in both directions. */
export interface Channel {
  /** Asks the other side. Notifications that belong to the request go to its `io.emit`. */
  readonly exchange: Exchange;
  notify(notification: Notification): void | Promise<void>;
  /** Refuses new requests, lets running ones finish for up to `drainMs`, then closes the pipe. */
  close(drainMs?: number): Promise<void>;
}

export function createChannel(options: ChannelOptions): Channel {
  const { pipe, limits } = options;
  const pending = createPending(limits.questionsPendingMax);
  const inbound = createInbound({ ...options, ask, send: (message) => pipe.send(message) });
  const wire: PendingWire = {
    send: (request) => pipe.send({ jsonrpc: '2.0', ...request }),
    withdraw(reason, request) {
      // Nobody may cancel the handshake (basic/lifecycle, "Initialization").
      if (ended || request.method === 'initialize') return;
      void notify(cancelledNotification(request.id, reason));
    },
  };
  let ended = false;

  function ask(request: Request, io: Io): Promise<Result> {
    if (!ended) return pending.ask(request, io, wire);
    return Promise.reject(new McpError('connectionClosed', 'The connection is closed'));
  }

  async function notify(notification: Notification): Promise<void> {
    // A notification that cannot be sent is lost with its connection, which reports itself.
    if (!ended) await Promise.resolve(pipe.send(asMessage(notification))).catch(() => undefined);
  }

  let isOver = false;
  const over = (cause?: McpError): void => {
    if (isOver) return;
    isOver = true;
    options.onEnd?.(cause);
  };
  const end = async (cause?: McpError): Promise<void> => {
    if (ended) return;
    if (cause === undefined) await inbound.drain(options.drainOnEndMs ?? 0);
    ended = true;
    inbound.endAll('disconnected');
    pending.fail(() => lost(cause));
    over(cause);
  };

  pipe.start({
    receive(incoming) {
      options.onReceive?.();
      if (!isBatch(incoming)) take(incoming);
      else if (options.takesBatches?.() === true) takeBatch(incoming);
      else sendError(pipe, noBatches());
    },
    reject({ error, id, response }) {
      // A broken answer is not answered in turn: whoever waits for it is told.
      if (!response) sendError(pipe, error, id);
      else if (id !== undefined) pending.refuse(id, brokenAnswer(error));
    },
    end: (cause) => void end(cause),
  });

  const take = (message: Message, respond?: Respond): void => {
    if (isRequest(message)) inbound.accept(message, respond);
    else if (isResponse(message)) pending.answer(message);
    else if (message.method === cancelledMethod) inbound.cancel(cancelledId(message));
    else deliver(message);
  };
  /** The answers to a batch leave together, once the last of them is there. */
  const takeBatch = (batch: readonly (Message | ParseFailure)[]): void => {
    const answers: Message[] = [];
    let open = batch.length;
    const respond: Respond = (answer) => {
      if (answer !== undefined) answers.push(answer);
      if (--open > 0 || answers.length === 0) return;
      void Promise.resolve(pipe.send(answers)).catch(() => undefined);
    };
    for (const member of batch) {
      if (member instanceof ParseFailure) {
        respond(errorMessage(member.error, member.id));
      } else {
        take(member, respond);
        if (!isRequest(member)) respond(undefined);
      }
    }
  };
  const deliver = (notification: Notification): void => {
    const id = options.routeOf?.(notification);
    let io = id === undefined ? undefined : pending.ioOf(id);
    if (io === undefined && options.isOfOnlyCall?.(notification) === true) io = pending.onlyIo();
    if (io === undefined) options.notice(notification);
    else void io.emit(notification);
  };

  return {
    exchange: ask,
    notify,
    async close(drainMs = 0) {
      await inbound.drain(drainMs);
      inbound.endAll('shutDown');
      ended = true;
      pending.fail(() => new McpError('connectionClosed', 'The connection was closed'));
      await pipe.close();
      over();
    },
  };
}

function asMessage(notification: Notification): Message {
  return { jsonrpc: '2.0', ...notification };
}

function isBatch(
  incoming: Message | readonly (Message | ParseFailure)[],
): incoming is readonly (Message | ParseFailure)[] {
  return Array.isArray(incoming);
}

function errorMessage(error: McpError, id: RequestId | undefined): Message {
  return id === undefined
    ? { jsonrpc: '2.0', error: error.toWire() }
    : { jsonrpc: '2.0', id, error: error.toWire() };
}

function sendError(pipe: Pipe, error: McpError, id?: RequestId): void {
  const message = errorMessage(error, id);
  // What cannot be sent is lost with its connection, which reports itself.
  void Promise.resolve(pipe.send(message)).catch(() => undefined);
}

function lost(cause: McpError | undefined): McpError {
  const why = cause === undefined ? 'The other side closed the connection' : cause.message;
  return new McpError('outcomeUnknown', `${why} before it answered`, { cause });
}

function noBatches(): McpError {
  return new McpError('invalidRequest', 'Batches are not served here: send one message at a time');
}
