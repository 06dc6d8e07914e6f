import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { StoredTokens } from './stored-tokens.js';

/** When tokens are renewed before a server has refused them. */
export interface RenewalTimes {
  isDue(tokens: StoredTokens): boolean;
  succeeded(): void;
  failed(): void;
}

export function createRenewalTimes(
  clock: Clock,
  { renewEarlyMs, renewRestMs, renewRestMsMax }: Limits,
): RenewalTimes {
  let notBefore = -Infinity;
  let failures = 0;
  return {
    isDue({ refreshToken, expiresAt, givenAt }) {
      const now = clock.now();
      if (refreshToken === undefined || expiresAt === undefined || now < notBefore) return false;
      // One that lives for seconds would be renewed for each call.
      const half = givenAt === undefined ? Infinity : (expiresAt - givenAt) / 2;
      return expiresAt - now < Math.min(renewEarlyMs, half);
    },
    succeeded() {
      failures = 0;
      notBefore = clock.now() + renewRestMs;
    },
    failed() {
      notBefore = clock.now() + Math.min(renewRestMs * 2 ** failures++, renewRestMsMax);
    },
  };
}
