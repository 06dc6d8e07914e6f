import type { Clock } from '../../platform/clock.js';

/** The nodes where a stream is read that is written here. Each says so again and again. */
export class ReadElsewhere {
  readonly #clock: Clock;
  /** For how long a node is believed. */
  readonly #ms: number;
  readonly #onChange: () => void;
  readonly #until = new Map<string, number>();
  #stopLooking: (() => void) | undefined;

  constructor(clock: Clock, ms: number, onChange: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onChange = onChange;
  }

  get isRead(): boolean {
    return this.#until.size > 0;
  }

  tell(node: string, isThere: boolean): void {
    if (isThere) this.#until.set(node, this.#clock.now() + this.#ms);
    else this.#until.delete(node);
    this.#onChange();
    this.#stopLooking ??= this.#lookLater();
  }

  stop(): void {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    this.#until.clear();
  }

  /** A node that has died does not say that nobody reads there any more. */
  #lookLater(): (() => void) | undefined {
    if (this.#until.size === 0) return undefined;
    return this.#clock.after(this.#ms, () => {
      const now = this.#clock.now();
      for (const [node, until] of this.#until) if (until <= now) this.#until.delete(node);
      this.#onChange();
      this.#stopLooking = this.#lookLater();
    });
  }
}
