/** Readers that stall and come back: what was kept for them outside of the process is whole. */
import { describe, expect, test } from 'vitest';
import { hasRedis } from '../contract/redis/server.js';
import { isInstalled } from '../floods/narrow.js';
import { runStalled } from '../floods/stalled.js';
import { places } from './stores.js';

const stalled = 100;

describe.runIf(isInstalled('python3', '--version'))(`${stalled} readers that stall`, () => {
  test.for(['sqlite', 'redis'])(
    'find every event once and in order at %s',
    { timeout: 120_000 },
    async (kind, { skip }) => {
      skip(kind === 'redis' && !hasRedis, 'redis-server is not installed');
      const place = await places[kind]!();
      try {
        const limits = { slowReaderMs: 2000 };
        const figures = await runStalled({ store: place.name, limits, stalled, good: 10 });
        console.log(kind, figures);
        const all = { whole: stalled / 4, refused: 0, gaps: 0 };
        expect(figures.calls).toEqual(all);
        expect(figures.streams).toEqual(all);
      } finally {
        await place.end();
      }
    },
  );
});
