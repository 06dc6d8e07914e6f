import type { Clock } from '../platform/clock.js';
import { runAll } from '../platform/run-all.js';
import { Countdown, type Deadline, type DeadlineOptions } from './deadline.js';
import { type Linked, LinkedList } from './linked-list.js';

export interface Deadlines {
  /** As `startDeadline`; whether the process stays up is said once for all. */
  start(options: Omit<DeadlineOptions, 'holdsProcess'>): Deadline;
  /** Lets time stand still for all, those too that are started meanwhile, until `resume`. */
  pause(): void;
  resume(): void;
  /** Lets go of the timer. */
  close(): void;
}

/**
 * The timeouts of many calls with one timer for all of them: it is set for the first that falls
 * due, and when it fires it looks at every one. To begin and to end one is no more than to put it
 * into a list and to take it out.
 */
export function createDeadlines(
  clock: Clock,
  options: Pick<DeadlineOptions, 'holdsProcess'> = {},
): Deadlines {
  const group = new Group(clock, options.holdsProcess === true);
  return {
    start: (each) => group.start(each),
    pause: () => group.pauseAll(),
    resume: () => group.resumeAll(),
    close: () => group.disarm(),
  };
}

class Group {
  readonly clock: Clock;
  readonly #running = new LinkedList<SharedDeadline>();
  readonly #timer: { readonly holdsProcess: boolean };
  #isPaused = false;
  #firesAt = Infinity;
  #stopTimer: (() => void) | undefined;
  #isLookedAtSoon = false;
  readonly #disarmIfIdle = (): void => {
    this.#isLookedAtSoon = false;
    if (this.#running.first === undefined) this.disarm();
  };

  constructor(clock: Clock, holdsProcess: boolean) {
    this.clock = clock;
    this.#timer = { holdsProcess };
  }

  start(options: DeadlineOptions): SharedDeadline {
    const now = this.clock.now();
    const one = new SharedDeadline(this, options, now);
    this.#running.add(one);
    if (this.#isPaused) one.pause();
    else this.lookAt(one.expiresAt, now);
    return one;
  }

  end(one: SharedDeadline): void {
    this.#running.delete(one);
    // A timer that holds nobody up may stay for those that follow.
    if (!this.#timer.holdsProcess || this.#running.first !== undefined) return;
    // The next call often begins in the turn in which the last one ends, and can use it, too.
    if (!this.#isLookedAtSoon) this.clock.nextTurn(this.#disarmIfIdle);
    this.#isLookedAtSoon = true;
  }

  pauseAll(): void {
    this.#isPaused = true;
    for (const one of this.#running) one.pause();
    this.disarm();
  }

  resumeAll(): void {
    this.#isPaused = false;
    for (const one of this.#running) one.resume();
  }

  /** Sees to it that the timer fires no later than `at`. */
  lookAt(at: number, now: number = this.clock.now()): void {
    // Timers stand still while a machine sleeps, and its clock does not: one that should have
    // fired may have long to go.
    const isLate = this.#firesAt <= now && this.#firesAt !== atOnce;
    if (at >= this.#firesAt && !isLate) return;
    this.disarm();
    this.#firesAt = isLate ? atOnce : at;
    const ms = isLate ? 0 : Math.max(0, at - now);
    this.#stopTimer = this.clock.after(ms, () => this.#fire(), this.#timer);
  }

  disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#firesAt = Infinity;
  }

  #fire(): void {
    this.#stopTimer = undefined;
    this.#firesAt = Infinity;
    const now = this.clock.now();
    let next = Infinity;
    const due: SharedDeadline[] = [];
    for (const one of this.#running) {
      if (one.expiresAt <= now) due.push(one);
      else next = Math.min(next, one.expiresAt);
    }
    this.lookAt(next);
    runAll(
      due,
      (one) => one.expire(),
      // They are due still, and found again.
      () => this.lookAt(atOnce),
    );
  }
}

/** When a timer fires that nothing can make fire sooner. */
const atOnce = -Infinity;

class SharedDeadline extends Countdown implements Linked<SharedDeadline> {
  previous: SharedDeadline | undefined;
  next: SharedDeadline | undefined;
  readonly #group: Group;
  readonly #onExpire: () => void;
  #isOver = false;

  constructor(group: Group, options: DeadlineOptions, now: number) {
    super(group.clock, options, now);
    this.#group = group;
    this.#onExpire = options.onExpire;
  }

  stop(): void {
    this.#isOver = true;
    this.#group.end(this);
  }

  expire(): void {
    // What another one did, due at the same time, may have stopped it.
    if (this.#isOver) return;
    this.stop();
    this.#onExpire();
  }

  protected moved(): void {
    if (!this.#isOver) this.#group.lookAt(this.expiresAt);
  }
}
