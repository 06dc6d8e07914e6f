import type { Exchange, Io, Notification, Pace, Peer } from '../../exchange.js';

/** The Io of one request with the caller that its session knows. */
export class SessionIo implements Io {
  readonly peer: Peer;
  readonly task: Io['task'];
  readonly #io: Io;

  constructor(io: Io, peer: Peer, task?: Io['task']) {
    this.#io = io;
    this.peer = peer;
    this.task = task;
  }

  get signal(): AbortSignal {
    return this.#io.signal;
  }

  get ask(): Exchange | undefined {
    return this.#io.ask;
  }

  get deadline(): Pace | undefined {
    return this.#io.deadline;
  }

  get detach(): Io['detach'] {
    return this.#io.detach;
  }

  emit(notification: Notification): void | Promise<void> {
    return this.#io.emit(notification);
  }
}
