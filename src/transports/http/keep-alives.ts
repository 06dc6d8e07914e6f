import { type Linked, LinkedList } from '../../engine/linked-list.js';
import type { Clock } from '../../platform/clock.js';

/** What says now and then that it is alive. */
export interface KeptAlive extends Linked<KeptAlive> {
  /** When it says so next; set here. */
  dueAt: number;
  sayAlive(): void;
}

/**
 * The keep-alives of all streams by one timer: each waits as long as the others, so that they fall
 * due in the order in which they came.
 */
export class KeepAlives {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #waiting = new LinkedList<KeptAlive>();
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  start(one: KeptAlive): void {
    this.#add(one);
    this.#wait();
  }

  stop(one: KeptAlive): void {
    this.#waiting.delete(one);
    if (this.#waiting.first !== undefined) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #add(one: KeptAlive): void {
    one.dueAt = this.#clock.now() + this.#ms;
    this.#waiting.add(one);
  }

  #wait(): void {
    const { first } = this.#waiting;
    if (first === undefined || this.#stopTimer !== undefined) return;
    // A clock that was set back has nobody wait longer than anew.
    const ms = Math.min(this.#ms, Math.max(0, first.dueAt - this.#clock.now()));
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#stopTimer = undefined;
      const due = this.#takeDue();
      for (const one of due) this.#add(one);
      this.#wait();
      for (const one of due) one.sayAlive();
    });
  }

  #takeDue(): readonly KeptAlive[] {
    const now = this.#clock.now();
    const due: KeptAlive[] = [];
    for (let { first } = this.#waiting; first !== undefined; { first } = this.#waiting) {
      if (first.dueAt > now && first.dueAt <= now + this.#ms) break;
      this.#waiting.delete(first);
      due.push(first);
    }
    return due;
  }
}

const known = new WeakMap<Clock, Map<number, KeepAlives>>();

/** Those of all streams that wait as long by the same clock. */
export function keepAlivesOf(clock: Clock, ms: number): KeepAlives {
  const all = known.get(clock) ?? new Map<number, KeepAlives>();
  const some = all.get(ms) ?? new KeepAlives(clock, ms);
  known.set(clock, all.set(ms, some));
  return some;
}
