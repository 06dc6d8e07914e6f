import type { Exchange, Io, Notification, Pace, Peer } from '../../exchange.js';

/**
 * The Io of one legacy request through all its rounds. A handler that is entered again repeats what
 * it sent before; the caller, who sees one request, gets each notice once.
 */
export class RoundsIo implements Io {
  readonly peer: Peer;
  readonly #io: Io;
  #progressSent = -Infinity;
  #logsSent = 0;
  #logsThisRound = 0;

  constructor(io: Io, peer: Peer) {
    this.#io = io;
    this.peer = peer;
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

  nextRound(): void {
    this.#logsThisRound = 0;
  }

  emit(notification: Notification): void | Promise<void> {
    if (notification.method === 'notifications/progress') {
      const progress = notification.params?.['progress'] as number;
      if (progress <= this.#progressSent) return;
      this.#progressSent = progress;
    } else if (notification.method === 'notifications/message') {
      if (++this.#logsThisRound <= this.#logsSent) return;
      this.#logsSent = this.#logsThisRound;
    }
    return this.#io.emit(notification);
  }
}
