/** All rows of the table, in its order, and those of them that were asked for. */
import { refuse } from './command-line.js';
import type { Options } from './options.js';
import { checkRows } from './rows/checks.js';
import { clientRows } from './rows/clients.js';
import { httpRows } from './rows/http.js';
import { sessionRows } from './rows/sessions.js';
import { startRows } from './rows/starts.js';
import { stdioRows } from './rows/stdio.js';
import { typeRows } from './rows/types.js';
import type { Row } from './row.js';

const all: readonly Row[] = [
  ...httpRows,
  ...sessionRows,
  ...stdioRows,
  ...clientRows,
  ...startRows,
  ...typeRows,
  ...checkRows,
];

export function chooseRows({ only, contestants, quick }: Options): readonly Row[] {
  const begins = (name: string, wanted: readonly string[]): boolean =>
    wanted.length === 0 || wanted.some((one) => name.startsWith(one));
  const names = contestants.length > 0 ? contestants : quick ? ['sallyport'] : [];
  // Checks count many calls, and types need what others install: only if they are asked for.
  const long = [...typeRows, ...checkRows];
  const offered = quick && only.length === 0 ? all.filter((row) => !long.includes(row)) : all;
  const chosen = offered.filter(({ id }) => begins(id, only));
  if (chosen.length === 0) {
    refuse(`No such row. There are: ${all.map(({ id }) => id).join(', ')}`);
  }
  return chosen.map((row) => ({
    ...row,
    // The first is what the others are judged by.
    entries: row.entries.filter(({ name }, at) => at === 0 || begins(name, names)),
  }));
}
