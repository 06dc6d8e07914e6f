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
}

/** A timeout that progress may extend, never past its ceiling. */
export interface Deadline extends Pace {
  stop(): void;
}

export function startDeadline(clock: Clock, options: DeadlineOptions): Deadline {
  let { ms } = options;
  let ceiling = clock.now() + options.msMax;
  let expiresAt = Math.min(clock.now() + ms, ceiling);
  let pausedAt: number | undefined;
  let disarm: (() => void) | undefined;
  let stopped = false;
  const timer = { holdsProcess: options.holdsProcess === true };

  // Extending only moves a number; the timer looks at it when it fires and goes on if it must.
  const arm = (): void => {
    if (stopped) return;
    disarm = clock.after(Math.max(0, expiresAt - clock.now()), fire, timer);
  };
  const fire = (): void => {
    disarm = undefined;
    if (clock.now() < expiresAt) arm();
    else options.onExpire();
  };
  arm();

  return {
    extend() {
      expiresAt = Math.min(clock.now() + ms, ceiling);
    },
    pause() {
      if (pausedAt !== undefined) return;
      pausedAt = clock.now();
      disarm?.();
      disarm = undefined;
    },
    resume() {
      if (pausedAt === undefined) return;
      const waited = clock.now() - pausedAt;
      pausedAt = undefined;
      ceiling += waited;
      expiresAt += waited;
      arm();
    },
    limit(newMs) {
      ms = newMs;
      expiresAt = Math.min(clock.now() + ms, ceiling);
      disarm?.();
      if (pausedAt === undefined) arm();
    },
    stop() {
      stopped = true;
      disarm?.();
      disarm = undefined;
    },
  };
}
