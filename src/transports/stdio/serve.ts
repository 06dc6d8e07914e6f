import type { Readable, Writable } from 'node:stream';
import type { Pipe, PipeReceiver } from '../../engine/pipe.js';
import { McpError } from '../../errors.js';
import {
  boundsForServer,
  oversizedMessage,
  ParseFailure,
  type Parsed,
  parseMessage,
} from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createLineOutput, type LineOutput } from './line-output.js';
import { createLineSplitter, type LineSplitter } from './lines.js';
import { createNoiseGate } from './noise-gate.js';
import { ownStdout } from './own-stdout.js';

export interface StdioPipeOptions {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly limits: Limits;
  readonly clock: Clock;
}

/**
 * The pipe of a server to the client that started this process. Standard output belongs to it until
 * it is closed: what the process prints meanwhile goes to standard error.
 */
export function stdioPipe(options: StdioPipeOptions): Pipe {
  const { stdin = process.stdin, stdout = process.stdout, limits, clock } = options;
  const bounds = boundsForServer(limits);
  const gate = createNoiseGate(limits.noiseLinesMax, clock);
  const owned = ownStdout(stdout);
  let receiver: PipeReceiver | undefined;
  let input: { readonly stop: () => void } | undefined;
  let closing: Promise<void> | undefined;
  let ended = false;
  let endCause: McpError | undefined;

  const end = (cause?: McpError): void => {
    if (ended) return;
    ended = true;
    endCause = cause;
    stopReading();
    receiver?.end(cause);
  };
  const { write } = owned;
  const output = createLineOutput({ stream: stdout, write, limits, clock, onGone: end });
  const deliver = (parsed: Parsed): void => {
    // One chunk may hold more lines than were wanted when the pipe ended.
    if (ended || closing !== undefined) return;
    if (!(parsed instanceof ParseFailure)) receiver?.receive(parsed);
    else if (gate.admits()) receiver?.reject(parsed);
  };
  const lines = createLineSplitter({
    lineBytesMax: bounds.bytesMax,
    onLine: (bytes) => deliver(parseMessage(bytes, bounds)),
    onOversized: (head, totalBytes) => deliver(oversizedMessage(head, totalBytes, bounds)),
  });

  const stopReading = (): void => {
    input?.stop();
    // A stream that is still read would keep the process alive.
    stdin.pause();
  };
  const closeAll = async (): Promise<void> => {
    stopReading();
    await output.flush();
    output.close();
    owned.release();
    end();
  };

  return {
    send: (message) => output.send(message),
    start(newReceiver) {
      receiver = newReceiver;
      if (ended) return queueMicrotask(() => newReceiver.end(endCause));
      input = read(stdin, lines, output, end);
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Feeds `lines` from `stdin` until that is over, which is said at least once. */
function read(
  stdin: Readable,
  lines: LineSplitter,
  output: LineOutput,
  onOver: (cause?: McpError) => void,
): { readonly stop: () => void } {
  const onData = (chunk: Uint8Array | string): void => {
    const ended = lines.feed(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (ended > 1) output.gather();
  };
  const onEnd = (): void => {
    lines.end();
    onOver();
  };
  const onClose = (): void => onOver();
  const onError = (cause: Error): void =>
    onOver(new McpError('connectionClosed', 'Standard input failed', { cause }));
  stdin.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError);
  // A stream that is over already would never say so again.
  if (stdin.readableEnded || stdin.destroyed) queueMicrotask(onClose);
  return {
    stop: () =>
      void stdin.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError),
  };
}
