import type { McpError } from '../../errors.js';
import { encodeError } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import { challengeOf } from './challenge.js';
import { allowedMethods } from './guards/method.js';
import type { WireHeaders, WireReply } from './wire.js';

// What a browser may do with an answer that it got hold of: nothing.
const always: WireHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

export const jsonHeaders: WireHeaders = Object.freeze({
  'content-type': 'application/json',
  ...always,
});

export const emptyHeaders: WireHeaders = Object.freeze({ ...always });

export const streamHeaders: WireHeaders = Object.freeze({
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
  ...always,
});

/** An answer in place of a result, ready to be sent. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: WireHeaders;
  readonly body: string;
}

/** A JSON-RPC error with its HTTP status. `requestId` is how the log speaks of it. */
export function errorReply(error: McpError, id?: RequestId, requestId?: string): ErrorReply {
  const headers: { [name: string]: string } = { ...jsonHeaders };
  if (requestId !== undefined) headers['x-request-id'] = requestId;
  if (error.kind === 'methodNotAllowed') headers['allow'] = allowedMethods;
  const challenge = challengeOf(error);
  if (challenge !== undefined) headers['www-authenticate'] = challenge;
  if (error.status === 429 || error.status === 503) {
    headers['retry-after'] = String(retryAfterOf(error));
  }
  // What follows on a connection whose framing is in doubt cannot be trusted.
  if (closing.has(error.kind)) headers['connection'] = 'close';
  // Where no message was read there is none that failed, and nothing went well either.
  const status = id === undefined && error.status === 200 ? 500 : error.status;
  return { status, headers, body: encodeError(id, error) };
}

/** Answers with a JSON-RPC error and its HTTP status. */
export function sendError(wire: WireReply, error: McpError, id?: RequestId): void {
  sendReply(wire, errorReply(error, id));
}

export function sendReply(wire: WireReply, { status, headers, body }: ErrorReply): void {
  wire.send(status, headers, body);
}

function retryAfterOf({ data }: McpError): number {
  const { retryAfterSeconds } = (data ?? {}) as { readonly retryAfterSeconds?: unknown };
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 1;
}

const closing: ReadonlySet<string> = new Set([
  'badRequest',
  'requestTooSlow',
  'tooLarge',
  'expectationFailed',
  'headersTooLarge',
]);
