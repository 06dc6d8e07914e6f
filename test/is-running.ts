import { readFileSync } from 'node:fs';

/**
 * Whether a process is there, and more than a zombie: dead ones whose parent does not ask for them
 * stay in the table as those.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).path !== undefined && process.platform !== 'linux';
  }
}
