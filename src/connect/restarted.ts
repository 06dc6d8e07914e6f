/** What a client learns of a server that may be another one by now, since it was started anew. */
import { tellsOfEra } from '../eras/probe.js';
import { McpError } from '../errors.js';
import type { Middleware } from '../exchange.js';
import type { Memory } from './memory.js';

/** Forgets what a server was found to speak when it shows that it speaks so no more. */
export function doubting(memory: Memory): Middleware {
  const doubt = (thrown: unknown): never => {
    if (thrown instanceof McpError && thrown.kind === 'unsupportedVersion') memory.forget();
    throw thrown;
  };
  const doubtSession = (thrown: unknown): never => {
    if (thrown instanceof McpError && tellsOfEra(thrown)) memory.forget();
    return doubt(thrown);
  };
  return (next) => (request, io) =>
    next(request, io).catch(request.method === 'initialize' ? doubtSession : doubt);
}

/**
 * A session is opened again when its process was started again. One that ends while that is done
 * will be started another time, of which sessions are none of the caller's business.
 */
export const withoutSessions: Middleware = (next) => (request, io) =>
  next(request, io).catch(withoutSession);

function withoutSession(cause: unknown): never {
  if (!(cause instanceof McpError) || cause.kind !== 'sessionNotFound') throw cause;
  throw new McpError('unavailable', 'The server ended while its session was opened again', {
    cause,
  });
}
