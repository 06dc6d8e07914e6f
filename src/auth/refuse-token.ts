import { McpError } from '../errors.js';

/** The caller is told one sentence for every reason; `why` is for the log of the server. */
export function refuseToken(why: string): McpError {
  return new McpError('unauthorized', 'The token is not valid here', { cause: why });
}

/** Whoever could tell cannot be asked: neither the token nor its bearer is to blame. */
export function cannotTell(cause: unknown): McpError {
  return new McpError('unavailable', 'Tokens cannot be checked now; try again soon', { cause });
}
