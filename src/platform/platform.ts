import { type Clock, systemClock } from './clock.js';
import { type Random, systemRandom } from './random.js';

/** What the surroundings provide. Tests hand in their own. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
}

export const systemPlatform: Platform = { clock: systemClock, random: systemRandom };
