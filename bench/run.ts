/**
 * How close we are to what Node itself can do, and how close others are: every workload, every
 * contestant, one after another in each round, so that what disturbs the machine disturbs all.
 * Ratios are by CPU time of the measured process; README.md says how to read and run this.
 */
import { pinned, pinThisProcess } from './cores.js';
import { install } from './install.js';
import { readOptions } from './options.js';
import { endAll } from './measured.js';
import { writePage } from './page.js';
import { type Figures, summarize } from './report.js';
import { describeMachine, readResults, type Results, writeResults } from './results.js';
import type { Effort, Entry, Row } from './row.js';
import { chooseRows } from './rows.js';
import { printTable } from './table.js';

const cellMsMax = 180_000;
/** How long the last figure of a run that has an end may go past it. */
const graceMs = 5000;
const options = readOptions();
const rows = chooseRows(options);
let endMs = performance.now() + options.minutes * 60_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
// What was measured by then is shown and written; a second one ends at once.
process.once('SIGINT', () => (endMs = 0));

const results = options.from.length > 0 ? readResults(options.from) : await measure();
if (options.json) console.log(JSON.stringify(results.rows));
else printTable(results.rows);
if (options.page) writePage(results);
process.exit();

async function measure(): Promise<Results> {
  install(rows);
  pinThisProcess();
  if (!pinned) say('Not pinned: this needs two cores and taskset. Figures spread more.');
  const machine = describeMachine();
  const figures = await takeFigures();
  const measured: Results = {
    ...machine,
    loadAfter: describeMachine().load,
    options,
    rows: rows.map((row) => summarize(row, figures.get(row.id)!)),
  };
  say(`Written: ${writeResults(measured).join(', ')}`);
  return measured;
}

async function takeFigures(): Promise<Figures> {
  const figures: Figures = new Map(rows.map(({ id }) => [id, new Map()]));
  const cells = rows.flatMap((row) => row.entries.map((entry) => ({ row, entry })));
  for (let round = 1; round <= options.rounds; round++) {
    const begun = performance.now();
    for (const [at, { row, entry }] of cells.entries()) {
      if (performance.now() > endMs) break;
      say(`round ${round} of ${options.rounds}: ${row.id}, ${entry.name}`);
      const effort = effortFor((endMs - performance.now()) / (cells.length - at));
      const figure = await measureInTime(entry, effort);
      if (typeof figure === 'string') say(`  ${figure}`);
      keep(figures, row, entry.name, figure);
    }
    // One that would not end in time is not begun.
    if (endMs - performance.now() < performance.now() - begun) break;
  }
  return figures;
}

/** A contestant that no longer answers is not waited for. */
async function measureInTime(entry: Entry, effort: Effort): Promise<number | string> {
  const ms = Math.min(cellMsMax, Math.max(0, endMs - performance.now()) + graceMs);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve('it took too long');
      endAll();
    }, ms);
  });
  try {
    return await Promise.race([entry.measure(effort), late]);
  } catch (error) {
    return String(error);
  } finally {
    clearTimeout(timer);
  }
}

function keep(figures: Figures, { id }: Row, entry: string, figure: number | string): void {
  const taken = figures.get(id)!;
  taken.set(entry, [...(taken.get(entry) ?? []), figure]);
}

/** As much as the time allows that each of the cells which are left may take. */
function effortFor(cellMs: number): Effort {
  const allowed = (most: number): number => Math.min(most, Math.max(150, cellMs * 0.2));
  if (options.quick) return { measureMs: allowed(500), warmMs: allowed(500), scale: 0.125 };
  return { measureMs: allowed(1500), warmMs: allowed(1000), scale: cellMs === Infinity ? 1 : 0.5 };
}
