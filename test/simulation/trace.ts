import { createHash } from 'node:crypto';

/** What happens in a schedule, line by line. */
export interface Trace {
  note(atMs: number, text: string): void;
  /** The same for the same lines. */
  hash(): string;
}

export const noTrace: Trace = { note: () => undefined, hash: () => '' };

/** Hashes all lines, and hands each to `onLine`. */
export function createTrace(onLine: (line: string) => void = () => undefined): Trace {
  const sum = createHash('sha256');
  return {
    note(atMs, text) {
      const line = `${(atMs / 1000).toFixed(3).padStart(9)} ${text}`;
      sum.update(line).update('\n');
      onLine(line);
    },
    hash: () => sum.copy().digest('hex'),
  };
}
