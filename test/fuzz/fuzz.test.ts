/** The fuzzer finds nothing here in 200,000 inputs, always; see docs/fuzzing.md. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Summary } from './runner.js';

const inputsWanted = 200_000;
/** Always the same inputs: what fails is what was changed. `npm run fuzz` makes new ones. */
const seed = 1;
/** Some 45 s of one processor. A machine that does other things too is given time, not a discount. */
const secondsMax = 150;

test('no input does harm', { timeout: 180_000 }, async () => {
  const options = ['--seed', seed, '--count', inputsWanted, '--seconds', secondsMax];
  const { code, stdout, stderr } = await run(options);
  const summary = JSON.parse(stdout) as Summary;
  const { inputs, seconds, rssGrowthMb, targets } = summary;
  const each = targets.map(({ name, inputs: own }) => `${name} ${own}`).join(', ');
  console.log(
    `${inputs} inputs in ${seconds.toFixed(1)} s (${each}), ` +
      `memory grew by ${rssGrowthMb.toFixed(1)} MB`,
  );
  expect(summary.failure, stderr).toBeUndefined();
  expect(rssGrowthMb).toBeLessThan(50);
  expect(inputs, `in ${seconds.toFixed()} s`).toBeGreaterThanOrEqual(inputsWanted);
  expect(code).toBe(0);
});

test('says what it wants when it is asked for something else', async () => {
  const { code, stderr } = await run(['--only', 'nothing']);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no target "nothing".');
  expect(stderr).toContain('messages, http, sse, lines, schemas, uris');
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly (string | number)[]): Promise<Outcome> {
  const all = ['--import', 'tsx', 'test/fuzz/main.ts', '--json', ...args.map(String)];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, all, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
