import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneFile } from '../../scripts/one-file.js';
import type { Outcome } from './schedule.js';

export interface Summary {
  readonly schedules: number;
  readonly steps: number;
  /** Virtual time, of all together. */
  readonly ms: number;
  readonly seconds: number;
  readonly failures: readonly Pick<Outcome, 'seed' | 'violations'>[];
}

export interface PlayAllOptions {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly onProgress: (done: number, of: number, seconds: number) => void;
}

/** Which seeds one process plays: from the first on, every so many. */
export interface Share {
  readonly first: number;
  readonly every: number;
  readonly end: number;
}

/** What a process says of schedules that it has played since it last said so. */
export interface Report {
  readonly schedules: number;
  readonly steps: number;
  readonly ms: number;
  readonly failures: Summary['failures'];
}

/** Plays `seeds` schedules in processes of their own. */
export async function playAll({ seeds, from, jobs, onProgress }: PlayAllOptions): Promise<Summary> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  const all = { schedules: 0, steps: 0, ms: 0, failures: [] as Summary['failures'][number][] };
  const take = (report: Report): void => {
    all.schedules += report.schedules;
    all.steps += report.steps;
    all.ms += report.ms;
    all.failures.push(...report.failures);
    onProgress(all.schedules, seeds, seconds());
  };
  const every = Math.max(1, Math.min(jobs, seeds));
  const shares = Array.from({ length: every }, (_, job) => ({ first: from + job, every }));
  const folder = await mkdtemp(join(tmpdir(), 'simulation-'));
  try {
    // What is translated as it is loaded names each closure as it is made: a fifth of all the time.
    const file = await oneFile(fileURLToPath(new URL('play-share.ts', import.meta.url)), folder);
    await Promise.all(shares.map((share) => play(file, { ...share, end: from + seeds }, take)));
  } finally {
    await rm(folder, { recursive: true });
  }
  const failures = all.failures.toSorted((one, other) => one.seed - other.seed);
  return { ...all, failures, seconds: seconds() };
}

// A schedule leaves no more than some of what it makes: the young ones need room, not care. All
// cores play already: none is free to collect for another, nor to compile what is made anew for
// each schedule. A quarter of all the time.
const execArgv = ['--max-semi-space-size=64', '--single-threaded-gc', '--interrupt-budget=600000'];

function play(
  file: string,
  { first, every, end }: Share,
  take: (report: Report) => void,
): Promise<void> {
  const args = [first, every, end].map(String);
  return new Promise((resolve, reject) => {
    const child = fork(file, args, { execArgv });
    child.on('message', (report) => take(report as Report));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`A process that plays schedules ended: ${code}`)),
    );
  });
}
