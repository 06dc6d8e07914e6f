import type { Pace } from '../exchange.js';
import type { Clock } from '../platform/clock.js';

export interface DeadlineOptions {
  /** Time without progress, in ms. */
  readonly ms: number;
  /** Time in all that progress cannot extend, in ms, without what was spent paused. */
  readonly msMax: number;
  readonly onExpire: () => void;
  /** Whether the process stays up for it: somebody waits for nothing else. */
  readonly holdsProcess?: boolean;
  /** Most such work ends within the turn in which it begins: a timer is set only after that. */
  readonly isOftenShort?: boolean;
}

/** A timeout that progress may extend, never past its ceiling. */
export interface Deadline extends Pace {
  stop(): void;
}

export function startDeadline(clock: Clock, options: DeadlineOptions): Deadline {
  return new TimerDeadline(clock, options);
}

class TimerDeadline implements Deadline {
  readonly #clock: Clock;
  readonly #options: DeadlineOptions;
  #ms: number;
  #ceiling: number;
  #expiresAt: number;
  #pausedAt: number | undefined;
  #disarm: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: Clock, options: DeadlineOptions) {
    const now = clock.now();
    this.#clock = clock;
    this.#options = options;
    this.#ms = options.ms;
    this.#ceiling = now + options.msMax;
    this.#expiresAt = Math.min(now + options.ms, this.#ceiling);
    if (options.isOftenShort === true) clock.nextTurn(() => this.#arm());
    else this.#arm();
  }

  extend(): void {
    this.#expiresAt = Math.min(this.#clock.now() + this.#ms, this.#ceiling);
  }

  pause(): void {
    if (this.#pausedAt !== undefined) return;
    this.#pausedAt = this.#clock.now();
    this.#stopTimer();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const waited = this.#clock.now() - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#ceiling += waited;
    this.#expiresAt += waited;
    this.#arm();
  }

  limit(ms: number): void {
    this.#ms = ms;
    this.extend();
    // One that is not armed yet will be.
    if (this.#disarm === undefined) return;
    this.#stopTimer();
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  // Extending only moves a number; the timer looks at it when it fires and goes on if it must.
  #arm(): void {
    if (this.#isStopped || this.#pausedAt !== undefined || this.#disarm !== undefined) return;
    const ms = Math.max(0, this.#expiresAt - this.#clock.now());
    const holdsProcess = this.#options.holdsProcess === true;
    this.#disarm = this.#clock.after(ms, () => this.#fire(), { holdsProcess });
  }

  #fire(): void {
    this.#disarm = undefined;
    if (this.#clock.now() < this.#expiresAt) this.#arm();
    else this.#options.onExpire();
  }

  #stopTimer(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }
}
