/** Installs what we are measured beside, when it is first needed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isOurs, type Row } from './row.js';

const here = fileURLToPath(new URL('.', import.meta.url));

export function install(rows: readonly Row[]): void {
  const names = rows.flatMap(({ entries }) => entries.map(({ name }) => name));
  const others = names.some((name) => !isOurs(name) && !/^(limit|bare|with)\b/.test(name));
  if (!others || existsSync(`${here}node_modules`)) return;
  process.stderr.write('Installing those that are measured beside us\n');
  // Rows of those that could not be installed say so; the others are measured.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', here];
  spawnSync('npm', args, { stdio: ['ignore', 2, 2] });
}
