import { McpError } from '../../errors.js';
import { countedAs, type Principal } from '../../exchange.js';
import type { LimitName, Limits } from '../../limits.js';
import type { Rate, RateStore } from '../../stores/rate-store.js';
import { createTurns } from './turns.js';

/**
 * How often strangers and principals may come. Each rejects with McpError `tooManyRequests`. A key
 * is one caller as far as addresses tell; without one nobody is counted.
 */
export interface Rates {
  /** A request of somebody whom nobody vouches for. */
  stranger(key: string | undefined): Promise<void>;
  /**
   * Asks `verify` who somebody is, unless they have failed too often. It fails by McpError
   * `unauthorized`. Of one key only as many are under way as may fail: the others wait for them,
   * and are neither refused with the good nor asked about with the bad.
   */
  attempt<T>(key: string | undefined, verify: () => Promise<T>): Promise<T>;
  /** `count` requests of somebody who was let in: more than one in a batch. */
  request(principal: Principal, count?: number): Promise<void>;
  session(principal: Principal): Promise<void>;
}

/** Throws a RangeError that names a limit by which nobody could ever come, or everybody always. */
export function createRates(store: RateStore, limits: Limits): Rates {
  const strangers = perSecond(
    limits,
    'strangerRequestsPerSecondMax',
    'strangerRequestBurstMax',
    'stranger',
  );
  const requests = perSecond(limits, 'requestsPerSecondMax', 'requestBurstMax', 'request');
  const failures = perMinute(limits, 'failedLoginsPerMinuteMax', 'failed');
  const sessions = perMinute(limits, 'sessionsPerMinuteMax', 'session');
  const turns = createTurns(limits.failedLoginsPerMinuteMax, limits.callsInFlightMax);

  const take = async (
    of: Rate | undefined,
    key: string | undefined,
    count: number,
  ): Promise<void> => {
    if (key === undefined || of === undefined) return;
    // More at once than anybody may ever do would be refused for ever.
    const waitMs = await store.take(of, key, Math.min(count, of.burst));
    if (waitMs > 0) throw tooOften(waitMs);
  };
  return {
    stranger: (key) => take(strangers, key, 1),
    async attempt(key, verify) {
      if (key === undefined || failures === undefined) return verify();
      if (!(await turns.enter(key))) throw tooOften(1000);
      try {
        await take(failures, key, 0);
        return await verify();
      } catch (thrown) {
        if (McpError.from(thrown).kind === 'unauthorized') await take(failures, key, 1);
        throw thrown;
      } finally {
        turns.leave(key);
      }
    },
    request: (principal, count = 1) =>
      take(principal.anonymous === true ? strangers : requests, countedAs(principal), count),
    session: (principal) => take(sessions, countedAs(principal), 1),
  };
}

/** Longer, a timer would ring at once. */
const windowMsMax = 2 ** 31 - 1;

/** Undefined: not limited. */
function perSecond(
  limits: Limits,
  sustainedName: LimitName,
  burstName: LimitName,
  name: string,
): Rate | undefined {
  const sustained = limits[sustainedName];
  const burst = burstOf(limits, burstName);
  if (sustained === Infinity) return undefined;
  const inMs = Math.ceil((burst / sustained) * 1000);
  if (sustained > 0 && burst === Infinity) return undefined;
  if (inMs <= windowMsMax) return { name, burst, inMs };
  throw new RangeError(
    `The limit "${sustainedName}" is too low: at ${sustained} per second ` +
      `the ${burst} of "${burstName}" would take longer than 24 days`,
  );
}

function perMinute(limits: Limits, burstName: LimitName, name: string): Rate | undefined {
  const burst = burstOf(limits, burstName);
  return burst === Infinity ? undefined : { name, burst, inMs: 60_000 };
}

function burstOf(limits: Limits, name: LimitName): number {
  const burst = limits[name];
  if (burst >= 1) return burst;
  throw new RangeError(`The limit "${name}" must be at least 1; Infinity limits nobody`);
}

function tooOften(waitMs: number): McpError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return new McpError('tooManyRequests', 'Too many requests: slow down', {
    data: { retryAfterSeconds },
  });
}
