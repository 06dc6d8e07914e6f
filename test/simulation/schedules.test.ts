import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = fileURLToPath(new URL('main.ts', import.meta.url));
/** `.ci/run` plays them beside other tests, and only a few here. */
const seeds = Number(process.env['SCHEDULES'] ?? 20_000);

test(`${seeds} schedules break nothing`, async () => {
  const args = ['--import', 'tsx', main, '--seeds', String(seeds)];
  const { stdout } = await run(process.execPath, args).catch(
    // What it has found is in its output.
    (failed: unknown) => failed as { readonly stdout: string },
  );
  expect(stdout.match(/^FAILED: .*$/gm) ?? []).toEqual([]);
  expect(stdout).toContain(`${seeds} schedules in `);
  expect(stdout).toMatch(/; 0 failed\n$/);
}, 600_000);
