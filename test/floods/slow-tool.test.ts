/** What the widespread tool for slow attacks does to us, in each of its ways. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Child, startChild } from './children.js';
import { isInstalled } from './narrow.js';
import { callSteadily, type SteadyFigures } from './polite.js';
import type { Accepted } from './target.js';

/** Lower than by default; the longest of all is that of bodies. */
const limits = {
  headersMs: 2000,
  bodyMs: 3000,
  bodyGraceMs: 2000,
  idleConnectionMs: 1000,
  slowReaderMs: 2000,
  slowCheckMs: 250,
  loopLagMsMax: 5000,
};
const json = ['-f', 'application/json', '-m', 'application/json, text/event-stream'];
const ways = {
  'slow headers': ['-H', '-t', 'POST', '-x', '10'],
  'a slow body': ['-B', ...json, '-x', '10'],
  'a slow reader': ['-X', '-k', '5', '-w', '1', '-y', '512', '-z', '5', '-n', '1'],
  ranges: ['-R', '-a', '5', '-b', '2000'],
};
type Way = keyof typeof ways;

const connections = 250;
const rampSeconds = 1;
/** Its bound is that of bodies at the most, and a second. */
const lastsMsMax = limits.bodyMs + 1000;
const lengthSeconds = 8;

describe.runIf(isInstalled('slowhttptest', '-h'))('slowhttptest', () => {
  let target: Child;
  let folder: string;
  let calls: SteadyFigures;
  let lastedMs: readonly number[];
  const seen = new Map<Way, Looks>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floods-'));
    target = await startChild('target', { limits });
    const steady = await callSteadily(target.port, 20, false);
    const all = (Object.keys(ways) as Way[]).map(async (way, at) => {
      seen.set(way, await attack(target.port, ways[way], join(folder, String(at))));
    });
    await Promise.all(all);
    calls = await steady.stop();
    const { accepted } = await target.ask<{ accepted: Accepted[] }>('connections');
    // Whoever reads slowly notices the end much later than it came.
    lastedMs = accepted.map(({ openedAt, closedAt = Infinity }) => closedAt - openedAt);
  }, 60_000);
  afterAll(async () => {
    await target.end();
    await rm(folder, { recursive: true });
  });

  test('keeps no connection for longer than the bounds say, and a second', () => {
    expect(lastedMs.length).toBeGreaterThan(connections * 4);
    expect(lastedMs.filter((ms) => ms > lastsMsMax)).toEqual([]);
  });

  test.each(Object.keys(ways) as Way[])('finds the service available all the time by %s', (way) => {
    expect(seen.get(way)!.filter(({ available }) => !available)).toEqual([]);
  });

  test('fails no call of others', () => {
    expect(calls.failures).toEqual([]);
  });

  test('holds the naive server for as long as it likes', async () => {
    const naive = await startChild('naive-target');
    const looks = await attack(naive.port, ways['slow headers'], join(folder, 'naive'), 4);
    await naive.end();
    expect(looks.at(-1)!.connected).toBe(connections);
  });
});

interface Look {
  readonly second: number;
  readonly pending: number;
  readonly connected: number;
  readonly available: boolean;
}
type Looks = readonly Look[];

/** Runs it against the endpoint at `port`; what it saw at each second is in its table. */
async function attack(
  port: number,
  way: readonly string[],
  file: string,
  seconds: number = lengthSeconds,
): Promise<Looks> {
  const size = ['-c', String(connections), '-r', String(connections / rampSeconds)];
  const time = ['-l', String(seconds), '-i', '1', '-p', '5'];
  const url = ['-u', `http://127.0.0.1:${port}/mcp`];
  const child = spawn('slowhttptest', [...way, ...size, ...time, ...url, '-g', '-o', file], {
    stdio: 'ignore',
  });
  await once(child, 'close');
  const [, ...rows] = (await readFile(`${file}.csv`, 'utf8')).trim().split('\n');
  return rows.map((row) => {
    const [second, , pending, connected, available] = row.split(',').map(Number);
    return {
      second: second!,
      pending: pending!,
      connected: connected!,
      available: available! > 0,
    };
  });
}
