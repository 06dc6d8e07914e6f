/** `npm run simulate`: plays schedules from seeds, and says which of them break what must hold. */
import { parseArgs } from 'node:util';
import { wholeNumber } from '../fuzz/whole-number.js';
import { playAll, type Summary } from './play-all.js';
import { planted } from './plants.js';
import type { Plant } from './plant.js';
import { type Outcome, playSchedule } from './schedule.js';
import { createTrace } from './trace.js';

const usage = `Usage: npm run simulate -- [options]

  --seeds N      play N schedules (default 1000)
  --from SEED    begin at this seed (default 1)
  --jobs N       share them among N processes (default 2)
  --seed SEED    play one schedule
  --trace        and print all that happens in it
  --plant NAME   with a fault of test/simulation/plants.ts in it`;

let shown = 0;
const failuresShown = 20;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'boolean' },
      plant: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const plant = plantOf(values.plant);
  const seed = wholeNumber('seed', values.seed);
  const seeds = wholeNumber('seeds', values.seeds) ?? 1000;
  const from = wholeNumber('from', values.from) ?? 1;
  const jobs = wholeNumber('jobs', values.jobs) ?? 2;
  if (values.help === true || plant === undefined) {
    console.error(usage);
    return 2;
  }
  if (seed !== undefined) return playOne(seed, plant, values.trace === true);
  const summary = await playAll({ seeds, from, jobs, onProgress: showProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(textOf(summary));
  return summary.failures.length === 0 ? 0 : 1;
}

async function playOne(seed: number, plant: Plant, isTraced: boolean): Promise<number> {
  const trace = createTrace(isTraced ? (line) => console.log(line) : undefined);
  const outcome = await playSchedule(seed, { trace, plant });
  for (const line of told(outcome)) console.log(line);
  const { steps, ms, violations } = outcome;
  console.log(`seed ${seed}: ${steps} steps in ${ms / 1000} s of virtual time, ${trace.hash()}`);
  return violations.length === 0 ? 0 : 1;
}

function told({ seed, violations }: Pick<Outcome, 'seed' | 'violations'>): string[] {
  return violations.map(({ invariant, why }) => `FAILED: seed ${seed}: ${invariant}: ${why}`);
}

function plantOf(name: string | undefined): Plant | undefined {
  if (name === undefined) return {};
  return Object.entries(planted)
    .find(([known]) => known === name)?.[1]
    .plant();
}

function showProgress(done: number, of: number, seconds: number): void {
  const text = `${done} of ${of} schedules, ${(done / seconds).toFixed()} a second`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
  // A log gets a line for each tenth.
  else if (Math.floor((done / of) * 10) > shown) {
    shown = Math.floor((done / of) * 10);
    console.error(text);
  }
}

function textOf({ schedules, steps, ms, seconds, failures }: Summary): string {
  const lines = failures
    .slice(0, failuresShown)
    .flatMap((failure) => [
      ...told(failure).slice(0, 3),
      `  npm run simulate -- --seed ${failure.seed} --trace`,
    ]);
  const more = failures.length - failuresShown;
  if (more > 0) lines.push(`… and ${more} more`);
  const pace = `${(schedules / seconds).toFixed()} a second`;
  const virtual = `${(ms / 3_600_000).toFixed(1)} hours of virtual time`;
  lines.push(
    `${schedules} schedules in ${seconds.toFixed(1)} s (${pace}), ${steps} steps, ${virtual}; ` +
      `${failures.length} failed`,
  );
  return lines.join('\n');
}
