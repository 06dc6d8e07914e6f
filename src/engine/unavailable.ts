import { McpError } from '../errors.js';

/** Those that the server itself has made: no handler's, whose own troubles callers are not told. */
const made = new WeakSet<object>();

/** What is kept elsewhere cannot be had just now: no fault of the call, which may be made again. */
export function unavailable(what: string, cause?: unknown): McpError {
  const error = new McpError('unavailable', `${what}; try again later`, { cause });
  made.add(error);
  return error;
}

export function isUnavailable(thrown: McpError): boolean {
  return made.has(thrown);
}
