/** A simulation that finds nothing proves nothing: each fault that is put in has to be found. */
import { expect, test } from 'vitest';
import { planted } from './plants.js';
import { playSchedule } from './schedule.js';

test.each(Object.entries(planted))(
  '%s is found',
  async (_name, { plant, invariant, seedsMax }) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= seedsMax && !found.has(invariant); seed++) {
      const { violations } = await playSchedule(seed, { plant: plant() });
      for (const violation of violations) found.add(violation.invariant);
    }
    expect([...found]).toContain(invariant);
  },
  120_000,
);
