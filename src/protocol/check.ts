/** How what arrives is checked: a sentence about the first problem, or the value with its type. */
import { McpError, type ErrorKind } from '../errors.js';
import type { Checker } from './combinators.js';

export type { Checker } from './combinators.js';
export { elicitParams, elicitResult } from './checkers/elicitation.js';
export { inputRequest } from './checkers/input-requests.js';
export { createMessageResult, listRootsResult } from './checkers/sampling.js';

/** What is wrong with `value`, in a sentence that begins with `what`; nothing when all is well. */
export function check(checker: Checker, value: unknown, what = 'value'): string | undefined {
  return checker(value, what);
}

/** The value with its type, or an McpError (invalid params unless told otherwise). */
export function read<T>(
  checker: Checker<T>,
  value: unknown,
  what: string,
  kind: ErrorKind = 'invalidParams',
): T {
  const problem = checker(value, what);
  if (problem !== undefined) throw new McpError(kind, problem);
  return value as T;
}
