/** A thousand slow clients: each is cut in time, and whoever behaves well hardly notices them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Line } from '../hostile/raw-http.js';
import { behavioursFor } from './behaviours.js';
import { type Child, startChild } from './children.js';
import { rounded } from './figures.js';
import { isInstalled } from './narrow.js';
import type { SteadyFigures } from './polite.js';
import { p50Allowed, p99Allowed, runSlowClients, type SlowFigures } from './slow-clients.js';
import { resolveLimits } from '../../src/limits.js';

/** Lower than by default, so that everybody is cut a few times. */
const limits = {
  headersMs: 4000,
  bodyMs: 6000,
  bodyGraceMs: 3000,
  idleConnectionMs: 3000,
  slowReaderMs: 4000,
  slowCheckMs: 250,
};

/** A busy machine may spoil a run or two; a server that is slow is so in each. */
const runsMax = 3;

describe.runIf(isInstalled('python3', '--version'))('a thousand slow clients', () => {
  const runs: SlowFigures[] = [];

  beforeAll(async () => {
    do runs.push(await runSlowClients({ limits, seconds: 7 }));
    while (runs.length < runsMax && !isFair(runs.at(-1)!));
    for (const run of runs) show(run);
    console.table(runs.at(-1)!.fates);
  }, 120_000);

  test('fail no call of a well-behaved one', () => {
    expect(runs.flatMap(({ during }) => during.failures)).toEqual([]);
    expect(runs[0]!.during.calls).toBeGreaterThan(500);
  });

  test('make its calls no slower than three times what they take otherwise', () => {
    const last = runs.at(-1)!;
    expect(last.during.p99).toBeLessThanOrEqual(p99Allowed(last));
  });

  test('make half of them no slower than three times what they took just before, or after', () => {
    const last = runs.at(-1)!;
    expect(last.during.p50).toBeLessThanOrEqual(p50Allowed(last));
  });

  test('are all cut, none later than promised and a second', () => {
    const { fates } = runs.at(-1)!;
    expect(fates.filter(({ overdue }) => overdue > 0)).toEqual([]);
    expect(fates.filter(({ cut }) => cut === 0)).toEqual([]);
  });

  test('are not cut before, nor what is slower than most but keeps up', () => {
    const early = runs.at(-1)!.fates.filter(({ earliestMs, cutAfterMs }) => {
      return earliestMs < cutAfterMs - limits.slowCheckMs;
    });
    expect(early).toEqual([]);
  });
});

function isFair(run: SlowFigures): boolean {
  const { p50, p99 } = run.during;
  const isQuick = p99 <= p99Allowed(run) && p50 <= p50Allowed(run);
  return isQuick && run.fates.every(({ overdue }) => overdue === 0);
}

function show({ before, during, beside, after, longestTurnMs, rss }: SlowFigures): void {
  const row = ({ calls, p50, p99, max }: SteadyFigures): object => {
    return { calls, p50: rounded(p50), p99: rounded(p99), max: rounded(max) };
  };
  console.table({
    before: row(before),
    during: row(during),
    'the twin meanwhile': row(beside),
    after: row(after),
  });
  const times = rounded(during.p99 / Math.max(before.p99, after.p99));
  const timesTwin = rounded(during.p99 / beside.p99);
  console.log(
    `p99: ${times} times that without the attack, ${timesTwin} times that of the twin; ` +
      `longest turn ${rounded(longestTurnMs)} ms; memory ${rss.map(rounded).join(' to ')} MB`,
  );
}

describe('the naive server', () => {
  let naive: Child;
  beforeAll(async () => void (naive = await startChild('naive-target')));
  afterAll(() => naive.end());

  test('waits for each of them, and so does not end them in time', async () => {
    const { port } = naive;
    const rows = behavioursFor(resolveLimits({ headersMs: 500, idleConnectionMs: 0 }), port);
    const lines = await Promise.all(rows.map(() => Line.to(port)));
    for (const [at, { first }] of rows.entries()) lines[at]!.write(first);
    const patience = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        for (const [at, { drip }] of rows.entries()) lines[at]!.write(drip?.bytes ?? '');
      }, 100);
      setTimeout(() => (clearInterval(timer), resolve()), 2500);
    });
    await patience;
    expect(lines.filter(({ isOpen }) => isOpen)).toHaveLength(rows.length);
    for (const line of lines) line.hangUp();
  });
});
