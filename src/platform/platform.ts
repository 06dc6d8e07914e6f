import { type Clock, systemClock } from './clock.js';
import { type PlatformCrypto, systemCrypto } from './crypto.js';
import { type Random, systemRandom } from './random.js';

/** What the surroundings provide. Tests hand in their own. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  /** Default: that of the web. */
  readonly crypto?: PlatformCrypto;
}

export const systemPlatform: Platform = {
  clock: systemClock,
  random: systemRandom,
  crypto: systemCrypto,
};
