import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Pipe, PipeReceiver } from '../../engine/pipe.js';
import { McpError } from '../../errors.js';
import {
  boundsForClient,
  oversizedMessage,
  ParseFailure,
  type Parsed,
  parseMessage,
} from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createLineOutput, type WriteText } from './line-output.js';
import { createLineSplitter, type LineSplitter } from './lines.js';
import { createNoise, type Noise } from './noise.js';
import { createProcessGroup, type Exit, settles } from './process-group.js';
import { createStderrTail, lastWords, readStderr } from './stderr-tail.js';

export interface ChildPipeOptions {
  /**
   * What happens to the standard error of the child: `capture` keeps the newest of it for errors
   * (the default), `inherit` lets it through, a function also gets each line as plain text.
   */
  readonly stderr?: 'inherit' | 'capture' | ((line: string) => void);
  /** Gets the beginning, as plain text, of lines on standard output that are no message. */
  readonly onNoise?: (line: string) => void;
  /** Whether the child leads a process group of its own. */
  readonly leadsGroup: boolean;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The pipe of a client to a server that it started. */
export interface ChildPipe extends Pipe {
  readonly pid: number;
  /** The newest of what the child wrote to standard error, as plain text. */
  stderrTail(): string;
  /** How many lines on standard output were no message. */
  noiseLines(): number;
  readonly exited: Promise<Exit>;
}

/** Makes a pipe of a child process that was just spawned. */
export function connectChild(child: ChildProcess, options: ChildPipeOptions): ChildPipe {
  const { limits, clock } = options;
  const { stdin, stdout } = child as ChildProcess & { stdin: Writable; stdout: Readable };
  const group = createProcessGroup({ ...options, child });
  const tail = createStderrTail(limits.stderrBytesMax);
  const noise = createNoise(options);
  const inputGone = signal();
  let receiver: PipeReceiver | undefined;
  let closing: Promise<void> | undefined;
  let cause: McpError | undefined;
  let exit: Exit | undefined;
  let ended = false;

  void group.exited.then((how) => (exit = how));
  const onGone = (why?: McpError): void => {
    cause = why;
    inputGone.raise();
  };
  const write: WriteText = (text, done) => stdin.write(text, done);
  const output = createLineOutput({ stream: stdin, write, limits, clock, onGone });
  const open = (): PipeReceiver | undefined =>
    ended || closing !== undefined ? undefined : receiver;
  const lines = createInput(limits, noise, open);
  stdout.once('end', () => lines.end());
  const stderrOver = readStderr(child.stderr, tail, options);

  const watch = async (): Promise<void> => {
    await dead(child, { exited: group.exited, inputGone: inputGone.raised, stderrOver }, options);
    output.close();
    if (closing === undefined) cause ??= death(child, exit, tail.text());
    ended = true;
    receiver?.end(cause);
  };
  const over = watch();
  const closeAll = async (): Promise<void> => {
    if (receiver === undefined) stdout.resume();
    // Not awaited: the child may have stopped reading, and its end is near anyway.
    void output.flush();
    await group.end();
    await over;
  };
  const close = (): Promise<void> => (closing ??= closeAll());
  // A child that cannot be talked to any more must not live on.
  void over.then(close);

  return {
    pid: child.pid ?? 0,
    stderrTail: () => tail.text(),
    noiseLines: () => noise.lines,
    exited: group.exited,
    send: (message) => output.send(message),
    start(newReceiver) {
      receiver = newReceiver;
      if (ended) queueMicrotask(() => newReceiver.end(cause));
      else stdout.on('data', (chunk: Uint8Array) => lines.feed(chunk));
    },
    close,
  };
}

/** What the child prints, to whoever receives at the time. */
function createInput(
  limits: Limits,
  noise: Noise,
  receiver: () => PipeReceiver | undefined,
): LineSplitter {
  const bounds = boundsForClient(limits);
  const deliver = (parsed: Parsed, bytes: Uint8Array): void => {
    if (!(parsed instanceof ParseFailure)) receiver()?.receive(parsed);
    // What belongs to a request matters to whoever waits for it; the rest is just noise.
    else if (parsed.id !== undefined) receiver()?.reject(parsed);
    else noise.heard(bytes);
  };
  return createLineSplitter({
    lineBytesMax: bounds.bytesMax,
    onLine: (bytes) => deliver(parseMessage(bytes, bounds), bytes),
    onOversized: (head, totalBytes) => deliver(oversizedMessage(head, totalBytes, bounds), head),
  });
}

interface Signs {
  readonly exited: Promise<Exit>;
  readonly inputGone: Promise<void>;
  readonly stderrOver: Promise<void>;
}

/** Any sign of death, then a moment for the other signs and the last words to arrive. */
async function dead(
  { stdin, stdout, stderr }: ChildProcess,
  { exited, inputGone, stderrOver }: Signs,
  { limits, clock }: ChildPipeOptions,
): Promise<void> {
  // How a broken stream shows is that the other side is gone, which is noticed elsewhere.
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
  const outputOver = signal();
  stdout?.once('close', outputOver.raise);
  await Promise.race([exited, outputOver.raised, inputGone]);
  await settles(Promise.all([exited, outputOver.raised, stderrOver]), limits.stdinCloseMs, clock);
  // A stranger that has inherited these could hold them open for ever.
  stdout?.destroy();
  stderr?.destroy();
}

function death({ spawnfile }: ChildProcess, exit: Exit | undefined, stderr: string): McpError {
  const words = lastWords(stderr);
  const how =
    exit === undefined
      ? 'closed its side of the connection'
      : exit.signal === null
        ? `exited with code ${exit.code}`
        : `was ended by ${exit.signal}`;
  const said = words === '' ? '' : ` (standard error: ${words})`;
  return new McpError('connectionClosed', `The server ${basename(spawnfile)} ${how}${said}`);
}

/** Something that happens at most once. */
function signal(): { readonly raised: Promise<void>; readonly raise: () => void } {
  let raise = (): void => undefined;
  const raised = new Promise<void>((resolve) => (raise = resolve));
  return { raised, raise };
}
