import type { Clock } from '../platform/clock.js';
import type { Platform } from '../platform/platform.js';
import type { Random } from '../platform/random.js';

export interface ManualClockOptions {
  /** Where time begins, in Unix ms. Default 2026-07-28. */
  readonly startMs?: number;
  /**
   * `real` (the default) lets turns of the event loop pass by themselves, as real sockets need;
   * with `manual` they too pass only when `turn` is called.
   */
  readonly turns?: 'real' | 'manual';
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms`. What falls due runs in its order, each with a turn of the event loop
   * after it, so that a timer which follows from another is seen too.
   */
  advance(ms: number): Promise<void>;
  /** Ends the current turn where turns are manual. */
  turn(): void;
  /** Resolves as soon as something waits whose time, in ms from now, `wanted` accepts. */
  armed(wanted?: (ms: number) => boolean): Promise<void>;
  /** How many actions wait for their time. */
  readonly waiting: number;
}

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

interface Watcher {
  readonly wanted: (ms: number) => boolean;
  readonly resolve: () => void;
}

const defaultStartMs = Date.UTC(2026, 6, 28);

export function manualClock(options: ManualClockOptions = {}): ManualClock {
  const timers = new Set<Timer>();
  const watchers = new Set<Watcher>();
  let now = options.startMs ?? defaultStartMs;
  let turnActions: (() => void)[] = [];

  const look = (): void => {
    for (const watcher of [...watchers]) {
      if (![...timers].some((timer) => watcher.wanted(timer.at - now))) continue;
      watchers.delete(watcher);
      watcher.resolve();
    }
  };
  const turn = (): void => {
    const actions = turnActions;
    turnActions = [];
    for (const action of actions) action();
  };
  const settle = async (): Promise<void> => {
    if (options.turns === 'manual') turn();
    await realTurn();
  };

  return {
    now: () => now,
    after(ms, action) {
      const timer: Timer = { at: now + Math.max(0, ms), action };
      timers.add(timer);
      look();
      return () => void timers.delete(timer);
    },
    nextTurn(action) {
      if (options.turns === 'manual') turnActions.push(action);
      else later(action);
    },
    async advance(ms) {
      const target = now + ms;
      await settle();
      for (let due = earliest(timers, target); due !== undefined; due = earliest(timers, target)) {
        now = Math.max(now, due.at);
        timers.delete(due);
        due.action();
        await settle();
      }
      now = target;
      look();
    },
    turn,
    armed(wanted = () => true) {
      return new Promise((resolve) => {
        watchers.add({ wanted, resolve });
        look();
      });
    },
    get waiting() {
      return timers.size;
    },
  };
}

/** Bytes that look random and are the same for the same seed: for tests, never for secrets. */
export function seededRandom(seed = 1): Random {
  let state = seed | 0;
  // mulberry32, a small generator with a full period over its 32 bits.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return (word ^ (word >>> 14)) & 255;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, next) };
}

export interface ManualPlatform extends Platform {
  readonly clock: ManualClock;
}

/** Surroundings that a test owns: time moves by hand, chance follows a seed. */
export function manualPlatform(
  options: ManualClockOptions & { seed?: number } = {},
): ManualPlatform {
  return { clock: manualClock(options), random: seededRandom(options.seed) };
}

function earliest(timers: ReadonlySet<Timer>, target: number): Timer | undefined {
  let found: Timer | undefined;
  for (const timer of timers) {
    if (timer.at <= target && (found === undefined || timer.at < found.at)) found = timer;
  }
  return found;
}

function later(action: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(action);
  else setTimeout(action, 0);
}

function realTurn(): Promise<void> {
  return new Promise((resolve) => later(resolve));
}
