import type { RateLimiterRedis } from 'rate-limiter-flexible';
import { memoryRates } from '../memory-rates.js';
import type { Rate, RateStore } from '../rate-store.js';
import type { Connection } from './connection.js';
import { digest } from './names.js';
import { type Script, script } from './script.js';
import type { Shared } from './shared.js';

/** ARGV: how many, in how many ms. What was taken, and for how long that counts. */
const take = script(`
redis.call('SET', KEYS[1], 0, 'PX', ARGV[4], 'NX')
return { redis.call('INCRBY', KEYS[1], ARGV[3]), redis.call('PTTL', KEYS[1]) }
`);

export const rateScripts: readonly Script[] = [take];

/** The shortest time that the package can count in. */
const inMsMin = 1000;

/**
 * Rates of all nodes together. While Redis cannot be asked, each node counts for itself: nobody
 * gets in uncounted.
 */
export function redisRates({ connection, names, limits, clock }: Shared): RateStore {
  const insurance = memoryRates(limits.rateKeysMax, clock);
  const limiters = new Map<Rate, Promise<RateLimiterRedis>>();
  const createLimiter = async (rate: Rate): Promise<RateLimiterRedis> => {
    const { RateLimiterRedis } = await import('rate-limiter-flexible');
    return new RateLimiterRedis({
      storeClient: clientFor(connection),
      keyPrefix: names.rate(rate.name),
      points: rate.burst,
      duration: Math.max(inMsMin, rate.inMs) / 1000,
      // Whoever has been refused is refused without a question, until it is over.
      inMemoryBlockOnConsumed: rate.burst + 1,
    });
  };

  return {
    async take(rate, key, count) {
      let limiter = limiters.get(rate);
      if (limiter === undefined) limiters.set(rate, (limiter = createLimiter(rate)));
      const counts = await limiter;
      const own = digest(key);
      try {
        const { consumedPoints, msBeforeNext } = await counts.consume(own, count);
        return count === 0 && consumedPoints >= rate.burst ? wait(msBeforeNext) : 0;
      } catch (thrown) {
        if (thrown instanceof Error) return insurance.take(rate, key, count);
        return wait((thrown as { readonly msBeforeNext: number }).msBeforeNext);
      }
    },
  };
}

/** What the package needs of a client, with the manners of ours. */
function clientFor(connection: Connection): object {
  return {
    // Its own script counts in whole seconds.
    defineCommand: () => undefined,
    rlflxIncr([key, count, , , duration]: readonly [string, string, string, string, string]) {
      return connection.run(take, [key], [count, Math.ceil(Number(duration) * 1000)]);
    },
  };
}

// At least something, or it would read as "go on".
function wait(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}
