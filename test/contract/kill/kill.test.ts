/** A process that dies at any moment has lost nothing that it was told was kept. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltChild, buildChild } from '../build-child.js';
import { createFolder, examine, examineStorm, rowsOfScript, runChild } from './runs.js';

/** More in `npm run soak:kill`. */
const repeats = Number(process.env['KILLS'] ?? 3);
const storms = Number(process.env['STORMS'] ?? 12);
const atOnce = 3;
const openMsMax = 2000;

const folder = createFolder();
let child: BuiltChild;
let rows: readonly string[] = [];
/** How often the script comes by each point. */
const points = new Map<string, number>();

beforeAll(async () => {
  child = await buildChild('kill/child.ts');
  rows = await rowsOfScript(folder.file());
  const { lines, stderr } = await runChild(child.path, [folder.file()]);
  if (lines.at(-1) !== 'closed') throw new Error(`The script did not come to its end: ${stderr}`);
  for (const line of lines) {
    const point = /^point (.*)/.exec(line)?.[1];
    if (point !== undefined) points.set(point, (points.get(point) ?? 0) + 1);
  }
}, 60_000);
afterAll(() => {
  folder.remove();
  child?.remove();
});

interface Kill {
  readonly point: string;
  readonly count: number;
}

interface Row {
  kills: number;
  /** How often the step that it died in was kept whole, and how often not at all. */
  kept: number;
  notKept: number;
  slowestMs: number;
}

async function killAt({ point, count }: Kill, table: Map<string, Row>): Promise<void> {
  const file = folder.file();
  const { lines, signal, stderr } = await runChild(child.path, [file, point, String(count)]);
  expect({ point, signal, stderr }).toEqual({ point, signal: 'SIGKILL', stderr: '' });
  const done = lines.filter((line) => line.startsWith('done ')).length;
  const isWithin = lines.at(-1)?.startsWith('start ') === true;
  const found = await examine(file);
  const isKept = isWithin && found.rows === rows[done + 1];
  expect(found.rows, `${point}, the ${count}.`).toBe(rows[isKept ? done + 1 : done]);
  expect(found.openedMs).toBeLessThan(openMsMax);
  const row = table.get(point) ?? { kills: 0, kept: 0, notKept: 0, slowestMs: 0 };
  row.kills++;
  if (isWithin) row[isKept ? 'kept' : 'notKept']++;
  row.slowestMs = Math.max(row.slowestMs, Math.round(found.openedMs));
  table.set(point, row);
}

/** Which of `count` times, spread over all of them. */
function timesOf(count: number): readonly number[] {
  return Array.from(
    { length: repeats },
    (_, at) => 1 + Math.floor((at * (count - 1)) / Math.max(1, repeats - 1)),
  );
}

async function inTurns<T>(all: readonly T[], step: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await step(one);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

test('every step of the script leaves a trace', () => {
  for (let step = 1; step < rows.length; step++) {
    expect(rows[step], `step ${step - 1}`).not.toBe(rows[step - 1]);
  }
});

test(
  'killed at every point: what was taken is there, and nothing is there by half',
  async () => {
    expect(points.size).toBeGreaterThanOrEqual(60);
    const kills = [...points].flatMap(([point, count]) =>
      timesOf(count).map((time) => ({ point, count: time })),
    );
    const table = new Map<string, Row>();
    await inTurns(kills, (kill) => killAt(kill, table));
    console.table(Object.fromEntries([...points.keys()].map((point) => [point, table.get(point)])));
    // Before a commit nothing is kept, after it all is.
    const all = [...table];
    const early = all.filter(([point, { kept }]) => point.endsWith('before commit') && kept > 0);
    const late = all.filter(
      ([point, { notKept }]) => point.endsWith('after commit') && notKept > 0,
    );
    expect([...early, ...late]).toEqual([]);
    console.log(`${kills.length} kills at ${points.size} points: 0 lost`);
  },
  Math.max(600_000, repeats * 200_000),
);

test(
  'killed at any moment of a storm: every event that was taken is there',
  async () => {
    let told = 0;
    await inTurns(
      Array.from({ length: storms }, (_, at) => at),
      async (at) => {
        const file = folder.file();
        const killAfter = { lines: 1 + ((at * 397) % 3000), ms: (at * 7) % 23 };
        const { lines, signal } = await runChild(child.path, [file, 'storm'], killAfter);
        expect(signal).toBe('SIGKILL');
        told += lines.length;
        expect(await examineStorm(file, lines)).toBe(0);
      },
    );
    console.log(`${storms} kills in storms of ${told} events: 0 lost`);
  },
  Math.max(300_000, storms * 5000),
);
