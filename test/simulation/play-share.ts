/** One process of `npm run simulate`: plays its share of the seeds, and says how it went. */
import { type Outcome, playSchedule } from './schedule.js';
import type { Report } from './play-all.js';

// Nobody reads the stacks of errors that are part of a schedule, and each costs as much as a step.
Error.stackTraceLimit = 0;

const [first = 0, every = 1, end = 0] = process.argv.slice(2).map(Number);
const reportEvery = 50;
let played: Outcome[] = [];

for (let seed = first; seed < end; seed += every) {
  played.push(await playSchedule(seed));
  if (played.length >= reportEvery) tell();
}
tell();
process.disconnect?.();

function tell(): void {
  const report: Report = {
    schedules: played.length,
    steps: sum(played.map(({ steps }) => steps)),
    ms: sum(played.map(({ ms }) => ms)),
    failures: played
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, violations }) => ({ seed, violations })),
  };
  played = [];
  process.send?.(report);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
