import type { Writable } from 'node:stream';
import { createOutbox } from '../../engine/outbox.js';
import { McpError } from '../../errors.js';
import { encodeError, encodeMessage, isBatch } from '../../json-rpc/encode.js';
import type { Message } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { noticeOfMessage } from '../../protocol/notice.js';

export interface LineOutputOptions {
  readonly stream: Writable;
  /** How to write to `stream`; its own `write` unless somebody has replaced that. */
  readonly write: WriteText;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Nothing more can be written; `cause` when that is not just because the reader left. */
  readonly onGone: (cause?: McpError) => void;
}

export type WriteText = (text: string, done?: (error?: Error | null) => void) => boolean;

/** Messages out, one a line. */
export interface LineOutput {
  send(message: Message | readonly Message[]): void | Promise<void>;
  /** Several messages have come in at once: their answers may leave together. */
  gather(): void;
  /** Resolves once all was handed to the system, or never can be. */
  flush(): Promise<void>;
  /** Lets go of the stream. Whoever waits for room goes on; what is sent later is dropped. */
  close(): void;
}

export function createLineOutput(options: LineOutputOptions): LineOutput {
  const { stream, write, limits, clock } = options;
  let gone = false;

  const leave = (cause?: McpError): void => {
    if (gone) return;
    gone = true;
    outbox.close();
    options.onGone(cause);
  };
  const outbox = createOutbox({
    clock,
    write,
    batchMax: limits.eventBatchBytes,
    waitingMax: limits.outboxBytesMax,
    stallMs: limits.slowReaderMs,
    cut: (why) => leave(new McpError('connectionClosed', why)),
  });
  const onDrain = (): void => outbox.drained();
  const onClose = (): void => leave();
  const onError = (error: NodeJS.ErrnoException): void => {
    leave(isReaderGone(error) ? undefined : failed(error));
  };
  stream.on('drain', onDrain).on('close', onClose).on('error', onError);

  return {
    send(message) {
      if (gone) return;
      try {
        return outbox.push(textOf(message) + '\n', noticeOfMessage(message));
      } catch (cause) {
        return Promise.reject(McpError.from(cause));
      }
    },
    gather: () => outbox.gather(),
    async flush() {
      if (gone) return;
      outbox.flush();
      await written(write, clock, limits.slowReaderMs);
    },
    close() {
      gone = true;
      outbox.close();
      stream.off('drain', onDrain).off('close', onClose);
      // A write that the system still holds may fail later; with no listener that would be a crash.
      if (stream.writableLength === 0) stream.off('error', onError);
    },
  };
}

/** Resolves when everything written before is written, has failed, or is not taken for `ms`. */
function written(write: WriteText, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, resolve);
    write('', () => {
      stop();
      resolve();
    });
  });
}

const readerGoneCodes = [
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
];

function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return error.code !== undefined && readerGoneCodes.includes(error.code);
}

function failed(cause: Error): McpError {
  return new McpError('connectionClosed', 'The output stream failed', { cause });
}

function textOf(message: Message | readonly Message[]): string {
  if (isBatch(message)) return `[${message.map(textOf).join(',')}]`;
  try {
    return encodeMessage(message);
  } catch (cause) {
    if (!('result' in message)) throw cause;
    // The request must not stay without an answer.
    return encodeError(message.id, McpError.from(cause));
  }
}
