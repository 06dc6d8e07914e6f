import type { IncomingMessage } from 'node:http';
import { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { type BodyPace, watchBodyPace } from './body-pace.js';
import { bodyWasRead } from './wire.js';

/**
 * Reads a body and counts while it streams: what a request says of its own length is not believed.
 * Rejects with McpError `tooLarge`, `requestTooSlow` or `connectionClosed`, or with `internal` when
 * somebody else has read it before.
 */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  limits: Limits,
  clock: Clock,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    let pace: BodyPace | undefined;

    // What came in one piece with its head is here before the turn is over, and needs no watching.
    const watch = (): void => {
      if (isOver) return;
      pace = watchBodyPace(clock, limits, fail);
      pace.took(bytes);
    };
    const over = (): void => {
      isOver = true;
      pace?.stop();
      // The request lives on with its answer; what was read of it need not.
      chunks = [];
    };
    const fail = (error: McpError): void => {
      over();
      // The rest is read to nowhere, so that the refusal reaches a client that still sends.
      request.resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (isOver) return;
      bytes += chunk.length;
      pace?.took(chunk.length);
      if (bytes > bytesMax) fail(new McpError('tooLarge', `A message may have ${bytesMax} bytes`));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      if (isOver) return;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      over();
    };
    // Follows the end as well. Without a listener of its own an error is no more than that.
    const onClose = (): void => {
      if (!isOver) fail(new McpError('connectionClosed', 'The client went away'));
    };

    // A request that was read to its end is destroyed as well, and its client is still there.
    if (request.readableEnded || request.readableDidRead) return fail(bodyWasRead());
    if (request.destroyed) return onClose();
    clock.nextTurn(watch);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
