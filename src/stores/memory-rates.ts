import type { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Clock } from '../platform/clock.js';
import type { Rate, RateStore } from './rate-store.js';

/** Rates in this process only. Callers beyond `keysMax` share what one of them may do. */
export function memoryRates(keysMax: number, clock: Clock): RateStore {
  const limiters = new Map<string, Promise<Limiter>>();
  return {
    async take(rate, key, count) {
      const { name, burst, inMs } = rate;
      const about = `${name} ${burst} ${inMs}`;
      let limiter = limiters.get(about);
      if (limiter === undefined) {
        limiters.set(about, (limiter = createLimiter(rate)));
        // What could not be loaded this time may be the next.
        limiter.catch(() => limiters.delete(about));
      }
      return (await limiter).take(key, count);
    },
  };

  async function createLimiter(rate: Rate): Promise<Limiter> {
    // Loaded when it is needed: a server for its own desk limits nobody.
    const { RateLimiterMemory } = await import('rate-limiter-flexible');
    const options = { points: rate.burst, duration: rate.inMs / 1000 };
    return new Limiter(new RateLimiterMemory(options), rate, keysMax, clock);
  }
}

class Limiter {
  readonly #counts: RateLimiterMemory;
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #clock: Clock;
  /** Who was seen since `#since`; the counts of all others have run out or will soon. */
  #seen = new Set<string>();
  #since = 0;

  constructor(counts: RateLimiterMemory, rate: Rate, keysMax: number, clock: Clock) {
    this.#counts = counts;
    this.#rate = rate;
    this.#keysMax = keysMax;
    this.#clock = clock;
  }

  async take(key: string, count: number): Promise<number> {
    const own = this.#remember(key) ? `own ${key}` : 'others';
    if (count === 0) {
      const now = await this.#counts.get(own);
      return now !== null && now.consumedPoints >= this.#rate.burst ? wait(now.msBeforeNext) : 0;
    }
    try {
      await this.#counts.consume(own, count);
      return 0;
    } catch (full) {
      return wait((full as { readonly msBeforeNext: number }).msBeforeNext);
    }
  }

  #remember(key: string): boolean {
    const now = this.#clock.now();
    if (now - this.#since >= this.#rate.inMs) {
      this.#since = now;
      this.#seen = new Set();
    }
    if (this.#seen.size >= this.#keysMax && !this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

// At least something, or it would read as "go on".
function wait(ms: number): number {
  return Math.max(1, ms);
}
