import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { growingMs } from './back-off.js';

/** When something that dies may be started again: ever later, and for a while not at all. */
export interface Restarts {
  /** It has died, or could not be started. */
  failed(startedAt: number): void;
  /** How long to wait before the next start, in ms. */
  readonly waitMs: number;
  /** For how long it is not started at all, in ms; 0 where it may be. */
  readonly refusedMs: number;
  /** It is started again now. */
  starting(): void;
}

/**
 * Waits longer after each failure, by chance up to a growing ceiling. `restartsMax` of them within
 * `restartWindowMs` open a circuit breaker; `restartPauseMs` later one start is tried, and if that
 * fails soon it is open again at once.
 */
export function createRestarts(limits: Limits, { clock, random }: Platform): Restarts {
  let starts: number[] = [];
  let failures = 0;
  let notBefore = -Infinity;
  let openUntil: number | undefined;
  let isTrial = false;

  return {
    failed(startedAt) {
      const now = clock.now();
      const lasted = now - startedAt >= limits.restartMsMax;
      const bounds = { fromMs: limits.restartMs, msMax: limits.restartMsMax };
      failures = lasted ? 0 : failures + 1;
      notBefore = now + growingMs(Math.max(0, failures - 1), bounds, random);
      starts = starts.filter((at) => now - at < limits.restartWindowMs);
      const isTooOften = starts.length >= limits.restartsMax || (isTrial && !lasted);
      openUntil = isTooOften ? now + limits.restartPauseMs : undefined;
      isTrial = false;
    },
    get waitMs() {
      return openUntil === undefined ? Math.max(0, notBefore - clock.now()) : this.refusedMs;
    },
    get refusedMs() {
      return openUntil === undefined ? 0 : Math.max(0, openUntil - clock.now());
    },
    starting() {
      starts.push(clock.now());
      isTrial = openUntil !== undefined;
      openUntil = undefined;
    },
  };
}
