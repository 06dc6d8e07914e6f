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

/** When a timeout is over, whatever extends it or has it stand still. */
export abstract class Countdown implements Deadline {
  readonly #clock: Clock;
  #ms: number;
  #ceiling: number;
  #expiresAt: number;
  #pausedAt: number | undefined;
  #isExtending = false;

  constructor(
    clock: Clock,
    { ms, msMax }: Pick<DeadlineOptions, 'ms' | 'msMax'>,
    now: number = clock.now(),
  ) {
    this.#clock = clock;
    this.#ms = ms;
    this.#ceiling = now + msMax;
    this.#expiresAt = Math.min(now + ms, this.#ceiling);
  }

  /** Never, while time stands still. */
  get expiresAt(): number {
    if (this.#isExtending) this.#extendNow();
    return this.#pausedAt === undefined ? this.#expiresAt : Infinity;
  }

  // A call may tell of thousands of steps in a turn: they are as good as one.
  extend(): void {
    if (this.#isExtending) return;
    this.#isExtending = true;
    this.#clock.nextTurn(() => {
      if (this.#isExtending) this.#extendNow();
    });
  }

  // Extending only moves a number; the timer looks at it when it fires and goes on if it must.
  #extendNow(): void {
    this.#isExtending = false;
    this.#expiresAt = Math.min(this.#clock.now() + this.#ms, this.#ceiling);
  }

  pause(): void {
    if (this.#pausedAt !== undefined) return;
    this.#pausedAt = this.#clock.now();
    this.moved();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const waited = this.#clock.now() - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#ceiling += waited;
    this.#expiresAt += waited;
    this.moved();
  }

  limit(ms: number): void {
    this.#ms = ms;
    this.#extendNow();
    this.moved();
  }

  abstract stop(): void;

  /** It may be over sooner than was known, or not for now. */
  protected abstract moved(): void;
}

export function startDeadline(clock: Clock, options: DeadlineOptions): Deadline {
  return new TimerDeadline(clock, options);
}

class TimerDeadline extends Countdown {
  readonly #clock: Clock;
  readonly #options: DeadlineOptions;
  #disarm: (() => void) | undefined;
  #isStopped = false;
  /** No timer is set before this turn is over. */
  #isHeld: boolean;

  constructor(clock: Clock, options: DeadlineOptions) {
    super(clock, options);
    this.#clock = clock;
    this.#options = options;
    this.#isHeld = options.isOftenShort === true;
    if (this.#isHeld) clock.nextTurn(() => this.#letGo());
    else this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  protected moved(): void {
    this.#stopTimer();
    this.#arm();
  }

  #letGo(): void {
    this.#isHeld = false;
    this.#arm();
  }

  #arm(): void {
    if (this.#isStopped || this.#isHeld || this.expiresAt === Infinity) return;
    const ms = Math.max(0, this.expiresAt - this.#clock.now());
    const holdsProcess = this.#options.holdsProcess === true;
    this.#disarm = this.#clock.after(ms, () => this.#fire(), { holdsProcess });
  }

  #fire(): void {
    this.#disarm = undefined;
    if (this.#clock.now() < this.expiresAt) this.#arm();
    else this.#options.onExpire();
  }

  #stopTimer(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }
}
