/** Runs the command line within this process, with streams and an environment of its own. */
import { PassThrough, Readable } from 'node:stream';
import { runProgram } from '../../../src/cli/program.js';
import type { Interrupts } from '../../../src/cli/shell.js';

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: { readonly [name: string]: string };
  /** Standard output is a terminal. */
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each piece of standard error as it comes. */
  readonly onStderr?: (text: string) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { stdin = '', env = {}, tty = false, onStderr } = options;
  const stdout = collect();
  const stderr = collect(onStderr);
  const interrupts: Interrupts = {
    signal: options.signal ?? new AbortController().signal,
    raise: () => undefined,
  };
  const code = await runProgram(words, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: Object.assign(stdout.stream, { isTTY: tty }),
    stderr: stderr.stream,
    env,
    interrupts,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(onText?: (text: string) => void): {
  readonly stream: PassThrough;
  readonly text: () => string;
} {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    onText?.(chunk.toString());
  });
  return { stream, text: () => text };
}
