/** Keeps what was measured: as data, and as a picture. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { drawChart } from './chart.js';
import { pinned } from './cores.js';
import type { Options } from './options.js';
import type { RowResult } from './report.js';

const folder = fileURLToPath(new URL('results/', import.meta.url));

export interface Machine {
  readonly at: string;
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly pinned: boolean;
  /** Of the last minute; figures of a busy machine spread more. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    at: new Date().toISOString(),
    node: process.version,
    processor: cpus()[0]?.model ?? '',
    cores: cpus().length,
    pinned,
    load: Number(loadavg()[0]!.toFixed(2)),
  };
}

export interface Results extends Machine {
  readonly loadAfter: number;
  readonly options: Options;
  readonly rows: readonly RowResult[];
}

/** Where and when it was measured, in a few words. */
export const captionOf = ({ node, at }: Machine): string => `Node ${node}, ${at.slice(0, 10)}`;

/** Gives the paths that were written. */
export function writeResults(results: Results): string[] {
  mkdirSync(folder, { recursive: true });
  const name = `${folder}${results.at.slice(0, 19).replaceAll(':', '-')}`;
  writeFileSync(`${name}.json`, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${name}.svg`, drawChart(results.rows, captionOf(results)));
  return [`${name}.json`, `${name}.svg`];
}

/** What earlier runs have written; rows of later ones take the places of the same rows before. */
export function readResults(paths: readonly string[]): Results {
  const all = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as Results);
  const measured = all.flatMap((one) => one.rows.filter(hasFigures));
  const rows = new Map(measured.map((row) => [row.id, row]));
  return { ...all.at(-1)!, rows: [...rows.values()] };
}

/** Runs that end early have rows for which there was no time. */
const hasFigures = ({ entries }: RowResult): boolean =>
  entries.some(({ figure }) => figure !== null);
