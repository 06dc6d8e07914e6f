/** Readers that stall: they cost little, disturb nobody, and lose nothing without being told. */
import { beforeAll, describe, expect, test } from 'vitest';
import { isInstalled } from './narrow.js';
import { runStalled, type StalledFigures } from './stalled.js';

const slowReaderMs = 5000;
const stalled = 500;

describe.runIf(isInstalled('python3', '--version'))('500 readers that stall', () => {
  let figures: StalledFigures;

  beforeAll(async () => {
    // A machine that is busy with other things is not what is tried here.
    const limits = { slowReaderMs, loopLagMsMax: 5000 };
    figures = await runStalled({ limits, stalled, good: 50 });
    console.log(figures);
  }, 90_000);

  test('cost less than 100 MB', () => {
    const [before, most] = figures.rss;
    expect(most - before).toBeLessThan(100);
  });

  test('do not make others wait', () => {
    const { alone, beside, elsewhere } = figures;
    // Below so many ms it is the machine that is measured.
    const noiseMs = 20;
    const quiet = Math.max(alone.p99, elsewhere.p99, noiseMs);
    expect(beside.p99).toBeLessThanOrEqual(1.5 * quiet);
  });

  test('are cut, but not at once', () => {
    expect(figures.left).toBe(0);
    expect(figures.cutMs[0]).toBeGreaterThanOrEqual(slowReaderMs);
  });

  test('end the calls that nobody can come back to', () => {
    const [aborted, expected] = figures.aborted;
    expect(aborted).toBe(expected);
  });

  test('find every event once and in order when they come back, or are told that it is gone', () => {
    const { whole, refused, gaps } = figures.cameBack;
    expect(gaps).toBe(0);
    expect(whole + refused).toBe(stalled / 4);
    expect(whole).toBeGreaterThan(0);
  });
});
