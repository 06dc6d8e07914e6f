/** Processes that die at a point, and what is in their file afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, resolveLimits } from '../../../src/limits.js';
import { systemClock } from '../../../src/platform/clock.js';
import { systemRandom } from '../../../src/platform/random.js';
import { type Connection, findDriver } from '../../../src/stores/sqlite/driver.js';
import { openStore } from '../../../src/stores/sqlite/store.js';
import { sqliteStore } from '../../../src/stores/sqlite.js';
import { limits, script, timeOf } from './script.js';
import { streamsOfStorm, textOfStorm } from './storm.js';

export interface Ended {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs to its end; with `killAfter`, it is killed at some moment once it has said so many lines. */
export async function runChild(
  child: string,
  words: readonly string[],
  killAfter?: { readonly lines: number; readonly ms: number },
): Promise<Ended> {
  const running = spawn(process.execPath, ['--no-warnings', child, ...words]);
  let [stdout, stderr] = ['', ''];
  let isDoomed = killAfter === undefined;
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (isDoomed || killAfter === undefined || stdout.split('\n').length <= killAfter.lines) return;
    isDoomed = true;
    setTimeout(() => running.kill('SIGKILL'), killAfter.ms);
  });
  running.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [, signal] = (await once(running, 'close')) as [number | null, NodeJS.Signals | null];
  return { lines: stdout.split('\n').slice(0, -1), signal, stderr };
}

export interface Folder {
  /** A name that nothing has. */
  file(): string;
  remove(): void;
}

export function createFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  let files = 0;
  return {
    file: () => join(folder, `${++files}.db`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Found {
  /** Every row of every table, as one text. */
  readonly rows: string;
  readonly openedMs: number;
}

/** Opens a file as a server does that starts again, and takes all of it out. */
export async function examine(file: string): Promise<Found> {
  const startedAt = performance.now();
  const store = await sqliteStore(file);
  const openedMs = performance.now() - startedAt;
  await store.close();
  return { rows: await checkedRows(file), openedMs };
}

/** What the tables hold after each step of the script, where nobody dies; the first is after none. */
export async function rowsOfScript(file: string): Promise<readonly string[]> {
  const connect = await findDriver();
  let connection: Connection | undefined;
  let at = 0;
  const store = openStore({
    ...{ file, synchronous: 'NORMAL', limits: resolveLimits(limits), random: systemRandom },
    clock: { ...systemClock, now: () => timeOf(at), after: () => () => undefined },
    connect: (path) => (connection = connect(path)),
  });
  const rows = [rowsOf(connection!)];
  for (const { run } of script) {
    await run(store);
    rows.push(rowsOf(connection!));
    at++;
  }
  await store.close();
  return rows;
}

const tables = ['session', 'stream', 'event', 'task', 'sealing_key'];

function rowsOf(connection: Connection): string {
  return JSON.stringify(tables.map((table) => connection.prepare(`select * from ${table}`).all()));
}

async function checkedRows(file: string): Promise<string> {
  const connection = (await findDriver())(file);
  try {
    const integrity = connection.prepare('pragma integrity_check').all();
    if (JSON.stringify(integrity) !== '[{"integrity_check":"ok"}]') {
      throw new Error(`The file is damaged: ${JSON.stringify(integrity)}`);
    }
    const orphans = connection
      .prepare('select * from event where stream not in (select id from stream)')
      .all();
    if (orphans.length > 0) throw new Error('There are events of no stream');
    return rowsOf(connection);
  } finally {
    connection.close();
  }
}

/** What a storm had told of is there, event for event, with at most one more for each stream. */
export async function examineStorm(file: string, lines: readonly string[]): Promise<number> {
  const told = new Map(lines.map((line) => line.split(' ').map(Number) as [number, number]));
  const store = await sqliteStore(file);
  let lost = 0;
  for (const [stream, key] of streamsOfStorm.entries()) {
    const last = told.get(stream) ?? 0;
    const { lastSeq = 0 } = (await store.events.state(key)) ?? {};
    if (lastSeq < last || lastSeq > last + 1) lost++;
    const first = Math.max(0, lastSeq - Math.min(lastSeq, defaultLimits.eventsPerStreamMax));
    const kept = (await store.events.after(key, first)) ?? [];
    if (kept.length !== lastSeq - first) lost++;
    for (const { seq, data } of kept) if (data !== textOfStorm(stream, seq)) lost++;
  }
  await store.close();
  await checkedRows(file);
  return lost;
}
