import type { Readable, Writable } from 'node:stream';
import { exitCodes } from './exits.js';

/** A standard stream, which may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type InputStream = Readable & { readonly isTTY?: boolean };

/** What surrounds one run of the command line. */
export interface Shell {
  readonly stdin: InputStream;
  /** Results, and nothing else. */
  readonly stdout: OutputStream;
  /** Whatever else is said. */
  readonly stderr: OutputStream;
  readonly env: { readonly [name: string]: string | undefined };
  readonly interrupts: Interrupts;
}

/** Ctrl-C and its relatives: the first asks for an end by the protocol, the second ends at once. */
export interface Interrupts {
  /** Aborts at the first one; the reason is `interrupted` or `terminated`. */
  readonly signal: AbortSignal;
  /** What a terminal in raw mode calls, because there Ctrl-C is a character. */
  raise(): void;
}

export function watchInterrupts(
  source: Pick<NodeJS.Process, 'on'>,
  endAtOnce: (code: number) => void,
): Interrupts {
  const controller = new AbortController();
  const raise = (how: 'interrupted' | 'terminated'): void => {
    if (controller.signal.aborted) return endAtOnce(exitCodes[how]);
    controller.abort(how);
  };
  source.on('SIGINT', () => raise('interrupted'));
  source.on('SIGTERM', () => raise('terminated'));
  return { signal: controller.signal, raise: () => raise('interrupted') };
}
