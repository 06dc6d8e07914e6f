import { McpError } from '../errors.js';
import type { Exchange, Io, Notification, Peer, Request, Result } from '../exchange.js';
import type { Clock } from '../platform/clock.js';
import { startDeadline } from './deadline.js';
import type { Running } from './drain.js';
import { type Ending, Flight, type FlightOptions, run } from './flight.js';

/** Where the notices and the outcome of some work go, as long as somebody reads. */
export interface Reader {
  emit(notification: Notification): void | Promise<void>;
  /** The terminal event. */
  settle(outcome: Result | McpError): void;
  /** The work was cancelled: nothing more is said of it. */
  abandon(): void;
}

export interface WorkOptions {
  readonly clock: Clock;
  readonly peer: Peer;
  readonly ask?: Exchange | undefined;
  readonly detach?: Io['detach'];
  readonly paramHeaders?: (() => ReadonlyMap<string, string>) | undefined;
  /** The bounded group that this work takes a place in. */
  readonly group: Running;
  /** How long it may run without progress, in ms; absent: for ever. */
  readonly callMs?: number | undefined;
  /**
   * What becomes of the work when its reader goes: cancelled, or kept for so many ms until a reader
   * comes back.
   */
  readonly whenDetached: 'cancel' | { readonly keepMs: number };
  /** How many notices wait for a reader; older ones give way. */
  readonly noticesMax: number;
  /** Called once, at the terminal event. */
  onEnd?(ending: Ending): void;
}

/** Work that owns its signal and deadline, so that it may outlive the connection it came by. */
export interface Work {
  /** Begins, once. A group that is full or closing settles the work with an error. */
  start(exchange: Exchange, request: Request): void;
  readonly flight: Flight;
  /** The outcome, once there is one. */
  readonly outcome: Result | McpError | undefined;
  /** A new reader gets what no other has seen, and then what happens; the same one is back. */
  attach(reader: Reader): void;
  /** Nobody is behind the reader any more. One that stores what it gets goes on storing. */
  detach(): void;
}

/** Work for its first reader, which may be told of it as soon as it starts. */
export function createWork(options: WorkOptions, first: Reader | undefined): Work {
  return new DetachedWork(options, first);
}

// Small, because one is made for every request.
class DetachedWork implements Work, FlightOptions {
  readonly flight: Flight;
  outcome: Result | McpError | undefined;
  readonly #options: WorkOptions;
  #reader: Reader | undefined;
  #missed: Notification[] | undefined;
  #stopKeeping: (() => void) | undefined;

  constructor(options: WorkOptions, reader: Reader | undefined) {
    this.#options = options;
    this.#reader = reader;
    this.flight = new Flight(this);
  }

  get peer(): Peer {
    return this.#options.peer;
  }

  get ask(): Exchange | undefined {
    return this.#options.ask;
  }

  get detachReader(): Io['detach'] {
    return this.#options.detach;
  }

  get paramHeaders(): (() => ReadonlyMap<string, string>) | undefined {
    return this.#options.paramHeaders;
  }

  start(exchange: Exchange, request: Request): void {
    const { clock, callMs, group } = this.#options;
    const { flight } = this;
    try {
      group.add(flight);
    } catch (refusal) {
      flight.end('failed');
      return this.#settle(McpError.from(refusal));
    }
    flight.onEnd((ending) => this.#ended(ending));
    if (callMs !== undefined) {
      const onExpire = (): void => void flight.end('timedOut');
      const [ms, msMax] = [callMs, Infinity];
      flight.deadline = startDeadline(clock, { ms, msMax, onExpire, isOftenShort: true });
    }
    run(exchange, request, flight, (outcome) => this.#settle(outcome));
  }

  attach(reader: Reader): void {
    this.#stopKeeping?.();
    this.#stopKeeping = undefined;
    if (reader === this.#reader) return;
    this.#reader = reader;
    for (const notification of this.#missed?.splice(0) ?? []) void reader.emit(notification);
    if (this.outcome !== undefined) reader.settle(this.outcome);
  }

  detach(): void {
    const { whenDetached, clock } = this.#options;
    if (this.flight.ending !== undefined) return;
    if (whenDetached === 'cancel') return void this.flight.end('disconnected');
    this.#stopKeeping?.();
    this.#stopKeeping = clock.after(whenDetached.keepMs, () => this.flight.end('disconnected'));
  }

  emit(notification: Notification): void | Promise<void> {
    if (this.#reader !== undefined) return this.#reader.emit(notification);
    const missed = (this.#missed ??= []);
    missed.push(notification);
    if (missed.length > this.#options.noticesMax) missed.shift();
  }

  #ended(ending: Ending): void {
    this.#stopKeeping?.();
    this.#options.group.delete(this.flight);
    this.#options.onEnd?.(ending);
    if (ending === 'cancelled') this.#reader?.abandon();
    if (ending === 'timedOut') this.#settle(tooSlow());
    if (ending === 'expired') this.#settle(expired());
    if (ending === 'shutDown') this.#settle(shuttingDown());
    // Who is cancelled with its reader has nobody to tell; kept work had somebody who may look.
    if (ending === 'disconnected' && this.#options.whenDetached !== 'cancel') {
      this.#settle(abandoned());
    }
  }

  #settle(outcome: Result | McpError): void {
    this.outcome = outcome;
    this.#reader?.settle(outcome);
  }
}

function tooSlow(): McpError {
  return new McpError('timeout', 'The call took longer than the server allows');
}

// Not `unauthorized`: that would have clients refresh their token and do the same work twice.
function expired(): McpError {
  const text = 'The authorization for this call has expired; the work was stopped midway';
  return new McpError('outcomeUnknown', text);
}

function abandoned(): McpError {
  return new McpError('outcomeUnknown', 'Nobody came back in time; the work was stopped midway');
}

// Not `unavailable`, which says of new work that nothing of it was done.
function shuttingDown(): McpError {
  return new McpError('outcomeUnknown', 'The server shut down; the work was stopped midway');
}
