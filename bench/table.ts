/** The table that people read. */
import { type EntryResult, failuresOf, type RowResult } from './report.js';
import type { Row } from './row.js';

const head = ['contestant', 'figure', 'ratio', 'spread', 'goal', ''];

export function printTable(results: readonly RowResult[]): void {
  for (const row of results) {
    console.log(`\n${row.title} (${row.id}; ${row.unit})`);
    for (const line of aligned([head, ...row.entries.map((entry) => lineOf(row, entry))])) {
      console.log(`  ${line}`);
    }
  }
  const judged = results.flatMap(({ entries }) => entries.filter(({ met }) => met !== null));
  const met = judged.filter((entry) => entry.met).length;
  console.log(`\n${met} of ${judged.length} goals are met.`);
}

function lineOf(row: RowResult, entry: EntryResult): string[] {
  const { met } = entry;
  if (entry.figure === null) {
    return [
      entry.name,
      'none',
      '',
      '',
      met === false ? `${goalOf(row)}: MISSED` : '',
      failureOf(entry),
    ];
  }
  return [
    entry.name,
    rounded(entry.figure),
    row.judged === 'amount' ? '' : shown(row, entry.ratio),
    `${shown(row, entry.min)} to ${shown(row, entry.max)}`,
    met === null ? '' : `${goalOf(row)}: ${met ? 'met' : 'MISSED'}`,
    failureOf(entry),
  ];
}

/** Why there is no figure, of all rounds or of some. */
function failureOf(entry: EntryResult): string {
  const { error, figures } = entry;
  if (error === null) return '';
  const why = error.split('\n')[0]!.slice(0, 70);
  return figures.length > 1
    ? `failed in ${failuresOf(entry)} of ${figures.length} rounds: ${why}`
    : why;
}

function aligned(lines: readonly string[][]): string[] {
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines.map((line) =>
    line
      .map((cell, at) =>
        at === 0 || at === head.length - 1 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Three digits that matter, no more: the spread is larger than the fourth. */
export function rounded(figure: number): string {
  return Number(figure.toPrecision(3)).toLocaleString('en');
}

export function shown(row: Pick<Row, 'judged'>, value: number | null): string {
  if (value === null) return 'none';
  if (row.judged === 'share') return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
  return row.judged === 'times' ? `${value.toFixed(2)} x` : rounded(value);
}

export function goalOf(row: Pick<Row, 'judged' | 'goal'>): string {
  return `${row.judged === 'share' ? 'at least' : 'at most'} ${shown(row, row.goal)}`;
}
