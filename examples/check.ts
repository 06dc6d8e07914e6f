/**
 * Runs every program of features/ over memory, stdio and HTTP, in both eras, and prints a table:
 *
 *   npm run build && node --import tsx examples/check.ts [name ...]
 *
 * Exits with 1 when an assertion fails in any cell.
 */
import { readdirSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Cell, collect, type Example, runIn } from './features/run.js';

const folder = new URL('./features/', import.meta.url);
const wanted = process.argv.slice(2);
// The programs are what this one is: TypeScript, or compiled.
const extension = extname(import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(extension))
  .map((file) => basename(file, extension))
  .filter((name) => name !== 'run' && (wanted.length === 0 || wanted.includes(name)));

const cells = (['memory', 'stdio', 'http'] as const).flatMap((over): Cell[] => [
  { over, era: 'auto' },
  { over, era: 'legacy' },
]);

// Children take most of the time; a few at once keep two processors busy.
const atOnce = 3;

const examples = collect();
for (const name of names) await import(new URL(name + extension, folder).href);

const failures: string[] = [];
const rows = new Map<string, string[]>();
const waiting = examples.map((example, n) => ({ example, name: names[n] ?? '?' }));
await Promise.all(Array.from({ length: atOnce }, work));

const titles = cells.map(({ over, era }) => `${over} ${era}`);
console.log(line('example', titles));
for (const name of names) console.log(line(name, rows.get(name) ?? []));
for (const failure of failures) console.error(`\n${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    rows.set(next.name, await inAllCells(next.name, next.example));
  }
}

async function inAllCells(name: string, example: Example): Promise<string[]> {
  const outcomes: string[] = [];
  for (const cell of cells) {
    try {
      await runIn(cell, example);
      outcomes.push('ok');
    } catch (thrown) {
      outcomes.push('FAILED');
      const why = thrown instanceof Error ? thrown.stack : String(thrown);
      failures.push(`${name} (${cell.over}, ${cell.era}): ${why}`);
    }
  }
  return outcomes;
}

function line(first: string, others: readonly string[]): string {
  return [first.padEnd(18), ...others.map((other) => other.padEnd(14))].join('').trimEnd();
}
