/** The measured process runs on a core of its own, and whoever talks to it on another. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const measuredCore = 0;
const loadCore = 1;

/** False where there is one core only, or no taskset: figures then spread more. */
export const pinned: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0;

export function pinThisProcess(): void {
  if (pinned) spawnSync('taskset', ['-a', '-cp', String(loadCore), String(process.pid)]);
}

export type Core = 'measured' | 'load';

/** A command line of Node that runs on the core of what is measured, or on that of the load. */
export function commandOf(args: readonly string[], core: Core): [command: string, args: string[]] {
  if (!pinned) return [process.execPath, [...args]];
  const number = String(core === 'measured' ? measuredCore : loadCore);
  return ['taskset', ['-c', number, process.execPath, ...args]];
}
