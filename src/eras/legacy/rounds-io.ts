import { createRepeats, type Repeats } from '../../engine/repeats.js';
import type { Exchange, Io, Notification, Pace, Peer } from '../../exchange.js';

/** The Io of one legacy request through all its rounds, of which the caller knows nothing. */
export class RoundsIo implements Io {
  readonly peer: Peer;
  readonly #io: Io;
  readonly #repeats: Repeats = createRepeats();

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
    this.#repeats.nextRound();
  }

  emit(notification: Notification): void | Promise<void> {
    if (!this.#repeats.isRepeat(notification)) return this.#io.emit(notification);
  }
}
