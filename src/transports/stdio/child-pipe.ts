import type { ChildProcess } from 'node:child_process';
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
import type { Isolated, Isolation } from './isolation.js';
import { createLineOutput, type WriteText } from './line-output.js';
import { createLineSplitter, type LineSplitter } from './lines.js';
import { createNoise, type Noise } from './noise.js';
import { createProcessGroup, type Exit, settles } from './process-group.js';
import { readStderr, type StderrChoice } from './read-stderr.js';
import { createScrubber } from './secrets.js';
import { createStderrTail, lastWords } from './stderr-tail.js';

export interface ChildPipeOptions {
  /** Default: `capture`. */
  readonly stderr?: StderrChoice;
  /** Gets the beginning, as plain text, of lines on standard output that are no message. */
  readonly onNoise?: (line: string) => void;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** What was started, and how. */
export interface Launched extends Isolated {
  readonly child: ChildProcess;
  /** Whether the child leads a process group of its own. */
  readonly leadsGroup: boolean;
}

/** The pipe of a client to a server that it started. */
export interface ChildPipe extends Pipe {
  /** Of the process that was started: the server, or the launcher that isolates it. */
  readonly pid: number;
  /** What is sure to end with the server, and with this process. */
  readonly isolation: Isolation;
  /** The newest of what the child wrote to standard error, as plain text. */
  stderrTail(): string;
  /** How many lines on standard output were no message. */
  noiseLines(): number;
  readonly exited: Promise<Exit>;
}

/** Makes a pipe of a child process that was just spawned. */
export function connectChild(launched: Launched, options: ChildPipeOptions): ChildPipe {
  const { limits, clock } = options;
  const { child, plan, isolation } = launched;
  const { stdin, stdout } = child as ChildProcess & { stdin: Writable; stdout: Readable };
  const group = createProcessGroup({ ...launched, limits, clock });
  const tail = createStderrTail(limits.stderrBytesMax);
  const scrubber = createScrubber(plan.env);
  const noise = createNoise(scrubber, options);
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
  const stderrOver = readStderr(child.stderr, tail, scrubber, options);

  const watch = async (): Promise<void> => {
    await dead(child, { exited: group.exited, inputGone: inputGone.raised, stderrOver }, options);
    output.close();
    if (closing === undefined) cause ??= death(plan.program, exit, tail.text());
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
    isolation,
    stderrTail: () => tail.text(),
    noiseLines: () => noise.lines,
    exited: group.exited,
    send: (message) => output.send(message),
    start(newReceiver) {
      receiver = newReceiver;
      if (ended) queueMicrotask(() => newReceiver.end(cause));
      else
        stdout.on('data', (chunk: Uint8Array) => void (lines.feed(chunk) > 1 && output.gather()));
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
    onLine(bytes) {
      // What is no message hardly ever begins like one, and an attempt to parse it costs far more.
      if (mayBeJson(bytes)) deliver(parseMessage(bytes, bounds), bytes);
      else noise.heard(bytes);
    },
    onOversized: (head, totalBytes) => deliver(oversizedMessage(head, totalBytes, bounds), head),
  });
}

function mayBeJson(bytes: Uint8Array): boolean {
  let at = 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
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

function death(program: string, exit: Exit | undefined, stderr: string): McpError {
  const words = lastWords(stderr);
  const how =
    exit === undefined
      ? 'closed its side of the connection'
      : exit.signal === null
        ? `exited with code ${exit.code}`
        : `was ended by ${exit.signal}`;
  const said = words === '' ? '' : ` (standard error: ${words})`;
  return new McpError('connectionClosed', `The server ${program} ${how}${said}`);
}

/** Something that happens at most once. */
function signal(): { readonly raised: Promise<void>; readonly raise: () => void } {
  let raise = (): void => undefined;
  const raised = new Promise<void>((resolve) => (raise = resolve));
  return { raised, raise };
}
