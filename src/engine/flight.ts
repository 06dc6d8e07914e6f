import type { Exchange, Io, Notification, Peer, Request, Result } from '../exchange.js';
import { McpError } from '../errors.js';
import type { Deadline } from './deadline.js';
import type { Linked } from './linked-list.js';

/** How an exchange may end. Each has exactly one of these. */
export type Ending =
  | 'answered'
  | 'failed'
  | 'cancelled'
  | 'timedOut'
  | 'expired'
  | 'disconnected'
  | 'shutDown';

export interface FlightOptions {
  readonly peer: Peer;
  /** Puts a notification on this call's stream. */
  emit(notification: Notification): void | Promise<void>;
  readonly ask?: Exchange | undefined;
  readonly paramHeaders?: (() => ReadonlyMap<string, string>) | undefined;
  readonly detachReader?: Io['detach'];
}

/**
 * The life of one request on the answering side: the Io that its handler sees, and the one place
 * where it ends. Small, because one is made for every request.
 */
export class Flight implements Io, Linked<Flight> {
  readonly peer: Peer;
  /** Of those that run in the same group. */
  previous: Flight | undefined;
  next: Flight | undefined;
  ending: Ending | undefined;
  deadline: Deadline | undefined;
  readonly #options: FlightOptions;
  #controller: AbortController | undefined;
  #onEnd: ((ending: Ending) => void) | undefined;

  constructor(options: FlightOptions) {
    this.peer = options.peer;
    this.#options = options;
  }

  get ask(): Exchange | undefined {
    return this.#options.ask;
  }

  get paramHeaders(): ReadonlyMap<string, string> | undefined {
    return this.#options.paramHeaders?.();
  }

  get detach(): Io['detach'] {
    return this.#options.detachReader;
  }

  // Most handlers never look at the signal, and making one costs as much as a small call.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.ending !== undefined) this.#controller.abort(reasonOf(this.ending));
    }
    return this.#controller.signal;
  }

  emit(notification: Notification): void | Promise<void> {
    if (this.ending !== undefined) return;
    return this.#options.emit(notification);
  }

  /** Asks work that lives long to come to its own end; what it returns is still its answer. */
  wrapUp(): void {
    void this.signal;
    this.#controller?.abort(reasonOf('shutDown'));
  }

  /** Called once, at the terminal event, whatever it is. */
  onEnd(listener: (ending: Ending) => void): void {
    this.#onEnd = listener;
  }

  /** Marks the terminal event. False when there was one before: then nothing may be sent. */
  end(ending: Ending): boolean {
    if (this.ending !== undefined) return false;
    this.ending = ending;
    this.deadline?.stop();
    if (ending !== 'answered' && ending !== 'failed') this.#controller?.abort(reasonOf(ending));
    this.#onEnd?.(ending);
    return true;
  }
}

/**
 * Runs `exchange` for `call` and reports its outcome, unless the call ended in another way before:
 * then what the handler still returns or throws is dropped. `returned` is told in any case when the
 * handler has come to its end.
 */
export function run(
  exchange: Exchange,
  request: Request,
  call: Flight,
  settle: (outcome: Result | McpError) => void,
  returned?: () => void,
): void {
  answerOf(exchange, request, call).then(
    (result) => {
      if (call.end('answered')) settle(result);
      returned?.();
    },
    (thrown: unknown) => {
      if (call.end('failed')) settle(McpError.from(thrown));
      returned?.();
    },
  );
}

// An exchange that throws before its first await must fail like any other.
function answerOf(exchange: Exchange, request: Request, io: Io): Promise<Result> {
  try {
    return Promise.resolve(exchange(request, io));
  } catch (thrown) {
    return Promise.reject(McpError.from(thrown));
  }
}

const endingErrors: { readonly [ending in Ending]?: readonly ['timeout' | 'cancelled', string] } = {
  cancelled: ['cancelled', 'The caller cancelled the request'],
  disconnected: ['cancelled', 'The caller is gone'],
  shutDown: ['cancelled', 'The server is shutting down'],
  timedOut: ['timeout', 'The request took longer than the server allows'],
  expired: ['cancelled', 'The authorization of the caller has expired'],
};

function reasonOf(ending: Ending): McpError {
  const [kind, text] = endingErrors[ending] ?? ['cancelled', 'The request has ended'];
  return new McpError(kind, text);
}
