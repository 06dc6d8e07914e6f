import { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';

type PaceLimits = Pick<Limits, 'bodyMs' | 'bodyGraceMs' | 'bodyBytesPerSecondMin' | 'slowCheckMs'>;

/** Watches one body from now on. */
export interface BodyPace {
  /** Some of it has come. */
  took(bytes: number): void;
  stop(): void;
}

/**
 * A body has `bodyMs` in all and, once `bodyGraceMs` have passed, must have come at the least pace
 * on average. `onSlow` is called once at most, with what to answer.
 */
export function watchBodyPace(
  clock: Clock,
  limits: PaceLimits,
  onSlow: (error: McpError) => void,
): BodyPace {
  const { bodyMs, bodyGraceMs, bodyBytesPerSecondMin: least, slowCheckMs } = limits;
  const start = clock.now();
  let bytes = 0;
  /** When the least pace would have brought what is here; from then on it is too slow. */
  const paidUntilMs = (): number => (least > 0 ? (bytes * 1000) / least : Infinity);
  const look = (): void => {
    const ms = clock.now() - start;
    if (ms >= bodyMs) return onSlow(new McpError('requestTooSlow', 'The body took too long'));
    if (ms >= bodyGraceMs && ms > paidUntilMs()) {
      return onSlow(new McpError('requestTooSlow', 'The body came too slowly'));
    }
    // Not at each byte that a client is ahead of the pace: that many timers are work, too.
    const next = Math.max(bodyGraceMs, Math.floor(paidUntilMs()) + 1, ms + slowCheckMs);
    stop = clock.after(Math.max(1, Math.min(bodyMs, next) - ms), look);
  };
  let stop = clock.after(Math.min(bodyMs, least > 0 ? bodyGraceMs : Infinity), look);
  return {
    took: (more) => void (bytes += more),
    stop: () => stop(),
  };
}
