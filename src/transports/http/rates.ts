import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Rate, RateStore } from '../../stores/rate-store.js';
import { addressKey } from './address-key.js';

/** How often strangers and principals may come. Each rejects with McpError `tooManyRequests`. */
export interface Rates {
  /** A request of an address that nobody vouches for. */
  stranger(address: string | undefined): Promise<void>;
  /** Before somebody is asked who they are: whether that address has failed too often. */
  mayTry(address: string | undefined): Promise<void>;
  failed(address: string | undefined): Promise<void>;
  request(principal: Principal): Promise<void>;
  session(principal: Principal, address: string | undefined): Promise<void>;
}

export function createRates(store: RateStore, limits: Limits): Rates {
  const strangers = rate(
    'stranger',
    limits.strangerRequestsPerSecondMax,
    limits.strangerRequestBurstMax,
  );
  const requests = rate('request', limits.requestsPerSecondMax, limits.requestBurstMax);
  const failures = perMinute('failed', limits.failedLoginsPerMinuteMax);
  const sessions = perMinute('session', limits.sessionsPerMinuteMax);

  const take = async (of: Rate, key: string | undefined, count: 0 | 1 = 1): Promise<void> => {
    if (key === undefined || of.burst === Infinity) return;
    const waitMs = await store.take(of, key, count);
    if (waitMs > 0) throw tooOften(waitMs);
  };
  return {
    stranger: (address) => take(strangers, addressKey(address)),
    mayTry: (address) => take(failures, addressKey(address), 0),
    failed: (address) => take(failures, addressKey(address)),
    request: (principal) => take(requests, principal.anonymous ? undefined : principal.id),
    session: (principal, address) =>
      take(sessions, principal.anonymous ? addressKey(address) : principal.id),
  };
}

function rate(name: string, perSecond: number, burst: number): Rate {
  return { name, burst, inMs: Math.ceil((burst / perSecond) * 1000) };
}

function perMinute(name: string, burst: number): Rate {
  return { name, burst, inMs: 60_000 };
}

function tooOften(waitMs: number): McpError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return new McpError('tooManyRequests', 'Too many requests: slow down', {
    data: { retryAfterSeconds },
  });
}
