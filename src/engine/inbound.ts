import { idInUse, McpError } from '../errors.js';
import type { Exchange, Peer, Request, Result } from '../exchange.js';
import type { Message, RequestId } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { Flight, type Ending, type FlightOptions, run } from './flight.js';
import { createDeadlines } from './deadlines.js';
import { IdTable } from './id-table.js';
import type { Running } from './drain.js';

export interface InboundOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly peer: Peer;
  readonly serve: Exchange;
  readonly ask: Exchange;
  readonly send: (message: Message) => void | Promise<void>;
  readonly callMs?: number;
  readonly isStream?: (request: Request) => boolean;
  /** The bounded group, shared with other pipes, in which calls take places. */
  readonly group?: Running | undefined;
}

/** The requests of the other side of a pipe: running, waiting for their turn, or refused. */
export interface Inbound {
  accept(request: Request, respond?: Respond): void;
  cancel(id: RequestId | undefined): void;
  /**
   * Refuses what comes and resolves when nothing runs any more, or after `ms`. Handlers of calls
   * that were cancelled are waited for too: what they have open they may still close.
   */
  drain(ms: number): Promise<void>;
  endAll(ending: Ending): void;
}

/** Takes the answer to one request; undefined when it ended without one. */
export type Respond = (answer: Message | undefined) => void;

interface Entry {
  readonly id: RequestId;
  readonly respond: Respond;
  readonly request: Request;
  readonly call: Flight;
  /** False for streams, which live long and take no place among the calls. */
  readonly counted: boolean;
}

export function createInbound(options: InboundOptions): Inbound {
  const { limits, clock } = options;
  const entries = new IdTable<Entry>();
  const waiting = new Set<Entry>();
  const deadlines = createDeadlines(clock);
  let running = 0;
  // Handlers that have not returned: a cancelled call is over at once, its handler a little later.
  let handlers = 0;
  let streams = 0;
  let closing = false;
  let idle: (() => void) | undefined;

  const send = (message: Message): void => {
    // What cannot be sent is lost with its connection, which reports itself.
    const sent = options.send(message);
    if (sent !== undefined) sent.catch(() => undefined);
  };
  const respondAlone: Respond = (answer) => {
    if (answer !== undefined) send(answer);
  };
  // The same for all of them: nothing in it belongs to one.
  const flightOptions: FlightOptions = {
    peer: options.peer,
    emit: (notification) => options.send({ jsonrpc: '2.0', ...notification }),
    ask: options.ask,
  };
  const refuse = (id: RequestId, error: McpError, respond: Respond): void =>
    respond({ jsonrpc: '2.0', id, error: error.toWire() });

  const answer = ({ request: { id }, respond }: Entry, outcome: Result | McpError): void => {
    if (outcome instanceof McpError) return refuse(id, outcome, respond);
    try {
      respond({ jsonrpc: '2.0', id, result: outcome });
    } catch (cause) {
      // A result that has no JSON text must not leave its request without an answer.
      refuse(id, McpError.from(cause), respond);
    }
  };
  const begin = (entry: Entry): void => {
    const { request, call } = entry;
    if (!entry.counted) {
      streams++;
      run(options.serve, request, call, (outcome) => answer(entry, outcome));
      return;
    }
    running++;
    try {
      options.group?.add(call);
    } catch (full) {
      call.end('failed');
      return answer(entry, McpError.from(full));
    }
    handlers++;
    call.deadline = callDeadline(entry);
    const settle = (outcome: Result | McpError): void => answer(entry, outcome);
    run(options.serve, request, call, settle, () => {
      handlers--;
      if (isIdle()) idle?.();
    });
  };
  const isIdle = (): boolean => running === 0 && handlers === 0;
  const untilIdle = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const stop = clock.after(ms, resolve);
      idle = () => {
        stop();
        resolve();
      };
    });
  const callDeadline = ({ call, request, respond }: Entry): Flight['deadline'] => {
    if (options.callMs === undefined) return undefined;
    const onExpire = (): void => {
      if (call.end('timedOut')) refuse(request.id, tooSlow(), respond);
    };
    return deadlines.start({ ms: options.callMs, msMax: Infinity, onExpire });
  };
  const over = (entry: Entry, ending: Ending): void => {
    entries.delete(entry.id);
    if (silent.has(ending)) entry.respond(undefined);
    if (waiting.delete(entry)) return;
    if (!entry.counted) return void streams--;
    options.group?.delete(entry.call);
    running--;
    const next = waiting.size > 0 ? first(waiting) : undefined;
    if (next !== undefined) {
      waiting.delete(next);
      begin(next);
    } else if (isIdle()) {
      idle?.();
    }
  };
  const refusal = (id: RequestId, counted: boolean, full: boolean): McpError | undefined => {
    if (closing) return new McpError('unavailable', 'The server is shutting down');
    if (entries.get(id) !== undefined) return idInUse(id);
    if (!counted && streams >= limits.listensPerPeerMax) return tooBusy();
    if (full && waiting.size >= limits.callsWaitingPerPipeMax) return tooBusy();
    return undefined;
  };

  return {
    accept(request, respond = respondAlone) {
      const counted = options.isStream?.(request) !== true;
      const full = counted && running >= limits.callsInFlightPerPipeMax;
      const refused = refusal(request.id, counted, full);
      if (refused !== undefined) return refuse(request.id, refused, respond);
      const call = new Flight(flightOptions);
      const entry: Entry = { id: request.id, request, call, counted, respond };
      entries.add(entry);
      call.onEnd((ending) => over(entry, ending));
      if (full) waiting.add(entry);
      else begin(entry);
    },
    cancel(id) {
      if (id !== undefined) entries.get(id)?.call.end('cancelled');
    },
    async drain(ms) {
      closing = true;
      for (const entry of entries.values()) if (!entry.counted) entry.call.wrapUp();
      // Streams that come to their own end say so; it takes them no longer than this turn.
      if (streams > 0) await new Promise<void>((resolve) => clock.nextTurn(resolve));
      if (!isIdle() && ms > 0) await untilIdle(ms);
      if (isIdle()) deadlines.close();
    },
    endAll(ending) {
      waiting.clear();
      for (const { call } of entries.values()) call.end(ending);
      deadlines.close();
    },
  };
}

/** Ends after which nothing is sent. */
const silent: ReadonlySet<Ending> = new Set(['cancelled', 'disconnected', 'shutDown']);

function first<Value>(values: Iterable<Value>): Value | undefined {
  for (const value of values) return value;
  return undefined;
}

function tooBusy(): McpError {
  return new McpError('tooManyRequests', 'Too many requests at once: wait for answers');
}

function tooSlow(): McpError {
  return new McpError('timeout', 'The call took longer than the server allows');
}
