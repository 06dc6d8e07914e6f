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
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    let pace: BodyPace | undefined;

    const watch = (): void => {
      if (isOver || request.complete) return;
      pace = watchBodyPace(clock, limits, (error) => finish(error));
      pace.took(bytes);
    };
    const finish = (error?: McpError): void => {
      isOver = true;
      pace?.stop();
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (error === undefined)
        return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      // The rest is read to nowhere, so that the refusal reaches a client that still sends.
      request.on('error', () => undefined).resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      pace?.took(chunk.length);
      if (bytes > bytesMax) {
        finish(new McpError('tooLarge', `A message may have ${bytesMax} bytes`));
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => finish();
    const onClose = (): void => finish(new McpError('connectionClosed', 'The client went away'));

    // A request that was read to its end is destroyed as well, and its client is still there.
    if (request.readableEnded || request.readableDidRead) return finish(bodyWasRead());
    if (request.destroyed) return onClose();
    // What came in one piece with its head is here once that is read, and needs no watching.
    queueMicrotask(watch);
    request.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose);
  });
}
