import { type ErrorKind, McpError } from '../errors.js';

/** Whether what failed so may work a little later, or was one of `others`. */
export function isPassing(thrown: unknown, ...others: readonly ErrorKind[]): thrown is McpError {
  if (!(thrown instanceof McpError)) return false;
  return passing.has(thrown.kind) || others.includes(thrown.kind);
}

const passing: ReadonlySet<ErrorKind> = new Set([
  'outcomeUnknown',
  'connectionFailed',
  'unavailable',
  'tooManyRequests',
]);
