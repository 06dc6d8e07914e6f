import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { playSchedule } from './schedule.js';
import { createTrace } from './trace.js';

const run = promisify(execFile);
const main = fileURLToPath(new URL('main.ts', import.meta.url));

async function hashOf(seed: number): Promise<string> {
  const trace = createTrace();
  await playSchedule(seed, { trace });
  return trace.hash();
}

test('a seed plays the same schedule again, whatever was played before', async () => {
  const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
  const once: string[] = [];
  for (const seed of seeds) once.push(await hashOf(seed));
  const again: string[] = [];
  for (const seed of seeds.toReversed()) again.unshift(await hashOf(seed));
  expect(again).toEqual(once);
  expect(new Set(once).size).toBe(50);
}, 60_000);

test('another process prints the same trace, byte for byte', async () => {
  const lines: string[] = [];
  const trace = createTrace((line) => lines.push(line));
  await playSchedule(11, { trace });
  const args = ['--import', 'tsx', main, '--seed', '11', '--trace'];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
  expect(stdout.split('\n').slice(0, lines.length)).toEqual(lines);
  expect(stdout).toContain(trace.hash());
}, 60_000);
