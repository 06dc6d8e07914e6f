import type { Writable } from 'node:stream';
import type { WriteText } from './line-output.js';

/** Standard output, owned: only `write` reaches it. */
export interface OwnedStdout {
  readonly write: WriteText;
  /** Gives it back. */
  release(): void;
}

/**
 * Takes `stdout` for messages alone. While it is owned, whatever else the process prints with
 * `console` or `process.stdout.write` goes to standard error: one stray line would break the
 * protocol. Code that writes to file descriptor 1 by itself cannot be caught. A stream that is not
 * the process's own is nobody else's and is left as it is.
 */
export function ownStdout(stdout: Writable): OwnedStdout {
  const original = stdout.write;
  const write: WriteText = (text, done) => original.call(stdout, text, 'utf8', done);
  if (stdout !== process.stdout) return { write, release: () => undefined };

  // Looked up at each write: the standard error stream may be replaced or opened later.
  const divert = ((...args: Parameters<typeof process.stderr.write>) =>
    process.stderr.write(...args)) as typeof stdout.write;
  stdout.write = divert;
  return {
    write,
    release() {
      // Somebody who has wrapped it since keeps the wrapper, which then goes on to standard error.
      if (stdout.write === divert) stdout.write = original;
    },
  };
}
