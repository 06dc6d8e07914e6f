import type { Clock } from '../platform/clock.js';
import type { StoredTokens } from './stored-tokens.js';

/** When tokens are renewed before a server has refused them. */
export interface RenewalTimes {
  isDue(tokens: StoredTokens): boolean;
  succeeded(): void;
  failed(): void;
}

/** A token that ends within a call may end before it is looked at. */
const earlyMs = 10_000;
const restMs = 1000;
const restMsMax = 60_000;

export function createRenewalTimes(clock: Clock): RenewalTimes {
  let notBefore = -Infinity;
  let failures = 0;
  return {
    isDue({ refreshToken, expiresAt, givenAt }) {
      const now = clock.now();
      if (refreshToken === undefined || expiresAt === undefined || now < notBefore) return false;
      // One that lives for seconds would be renewed for each call.
      const margin = givenAt === undefined ? earlyMs : Math.min(earlyMs, (expiresAt - givenAt) / 2);
      return expiresAt - now < margin;
    },
    succeeded() {
      failures = 0;
      notBefore = clock.now() + restMs;
    },
    failed() {
      notBefore = clock.now() + Math.min(restMs * 2 ** failures++, restMsMax);
    },
  };
}
