import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes that have `mark` in their environment or, as launchers do, in their arguments; those
 * that are dead have neither any more.
 */
export function marked(mark: string): number[] {
  const hasMark = (path: string): boolean => read(path).includes(mark);
  return pids().filter((pid) => hasMark(`/proc/${pid}/environ`) || hasMark(`/proc/${pid}/cmdline`));
}

/**
 * Dead processes whose parent has not asked for them, among the children and the groups of
 * `parents`. When the parent is process 1 of the machine, that is its own affair.
 */
export function zombies(parents: ReadonlySet<number>): number[] {
  return pids().filter((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state !== 'Z' || parent === '1') return false;
    return parents.has(Number(parent)) || parents.has(Number(group));
  });
}

function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
