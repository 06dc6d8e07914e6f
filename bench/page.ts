/** The table of docs/performance.md, made from results so that nobody copies figures by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawChart } from './chart.js';
import { type EntryResult, failuresOf, type RowResult } from './report.js';
import { captionOf, type Results } from './results.js';
import { isOurs, ourName } from './row.js';
import { goalOf, rounded, shown } from './table.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const [begin, end] = ['<!-- figures -->', '<!-- end of figures -->'];
const others = ['sdk-v2', 'sdk-v1', 'fastmcp', 'tmcp', 'mcp-lite', 'global fetch'];

export function writePage(results: Results): void {
  const path = `${docs}performance.md`;
  const text = readFileSync(path, 'utf8');
  const [head, tail] = [text.indexOf(begin), text.indexOf(end)];
  if (head < 0 || tail < head) throw new Error(`${path} has no place for the figures`);
  const figures = `${begin}\n${tableOf(results)}\n`;
  writeFileSync(path, text.slice(0, head) + figures + text.slice(tail));
  writeFileSync(`${docs}performance.svg`, drawChart(results.rows, captionOf(results)));
}

function tableOf(results: Results): string {
  const { cores, load, loadAfter, options, pinned } = results;
  const head = ['workload', 'goal', 'ours (spread)', ...others, 'limit'];
  const lines = [
    `Measured on ${results.at.slice(0, 10)}: Node ${results.node}, ${cores} cores` +
      `${pinned ? ', pinned apart' : ''}, rounds: ${options.rounds}; load of the machine ` +
      `${load} before and ${loadAfter} after.`,
    '',
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...results.rows.map((row) => `| ${cellsOf(row).join(' | ')} |`),
  ];
  return lines.join('\n');
}

function cellsOf(row: RowResult): string[] {
  const [limit] = row.entries;
  const cell = (name: string): string =>
    row.entries
      .filter((entry) => entry.name.startsWith(name))
      .map((entry) => valueOf(row, entry))
      .join('; ');
  return [
    row.title,
    goalOf(row) + (row.judged === 'amount' ? ` ${row.unit}` : ''),
    row.entries
      .filter(({ name }) => isOurs(name))
      .map((entry) => `${modeOf(entry)}${valueOf(row, entry)}${spreadOf(row, entry)}`)
      .join('; '),
    ...others.map(cell),
    limit === undefined || isOurs(limit.name) || limit.figure === null
      ? ''
      : `${rounded(limit.figure)} ${row.unit}`,
  ];
}

const modeOf = ({ name }: EntryResult): string => {
  const mode = name.slice(ourName.length).trimStart();
  return mode === '' ? '' : `${mode} `;
};

function valueOf(row: RowResult, entry: EntryResult): string {
  if (entry.ratio === null) return 'none';
  const value = shown(row, entry.ratio);
  if (failuresOf(entry) > 0)
    return `${value} (failed in ${failuresOf(entry)} of ${entry.figures.length} rounds)`;
  return entry.met === true ? `**${value}**` : value;
}

function spreadOf(row: RowResult, { min, max }: EntryResult): string {
  return min === max ? '' : ` (${shown(row, min)} to ${shown(row, max)})`;
}
