import type { Cancelling } from '../exchange.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { Random } from '../platform/random.js';

/** How long to wait after `failures` in a row, in ms: growing, and anything up to that. */
export function backOffMs(failures: number, limits: Limits, random: Random): number {
  const bounds = { fromMs: limits.retryMs, msMax: limits.reconnectMsMax };
  return Math.max(limits.reconnectMsMin, growingMs(failures, bounds, random));
}

/** Anything up to a ceiling that doubles with each of `failures` in a row, in ms. */
export function growingMs(
  failures: number,
  { fromMs, msMax }: { readonly fromMs: number; readonly msMax: number },
  random: Random,
): number {
  return Math.min(fromMs * 2 ** failures, msMax) * chance(random);
}

/** What the server `asked` for and up to a fifth more, never less; or else our own back-off. */
export function waitMs(
  asked: number | undefined,
  failures: number,
  limits: Limits,
  random: Random,
): number {
  if (asked === undefined) return backOffMs(failures, limits, random);
  const ms = Math.min(Math.max(asked, limits.reconnectMsMin), limits.askedRetryMsMax);
  return ms * (1 + chance(random) / 5);
}

/** A number from 0 to 1. */
export function chance(random: Random): number {
  return random.bytes(1)[0]! / 255;
}

/** Waits for `ms`, or until one of `signals` aborts. Meanwhile the process stays up. */
export function pause(clock: Clock, ms: number, ...signals: readonly Cancelling[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, done, { holdsProcess: true });
    function done(): void {
      stop();
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    }
    for (const signal of signals) {
      if (signal.aborted) return done();
      signal.addEventListener('abort', done, { once: true });
    }
  });
}
