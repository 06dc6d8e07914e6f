import type { ParseBounds } from './parse.js';
import { isRequestId } from './peek-id.js';

/** What is wrong with one parsed message, as a sentence; undefined when it is a message. */
export function envelopeFault(value: unknown, bounds: ParseBounds): string | undefined {
  if (!isObject(value)) return 'A message must be a JSON object';
  if (value['jsonrpc'] !== '2.0') return 'A message must have the member "jsonrpc": "2.0"';
  if ('method' in value) return requestFault(value, bounds);
  if ('result' in value) return resultFault(value, bounds);
  if ('error' in value) return errorFault(value, bounds);
  return 'A message must have one of the members "method", "result" and "error"';
}

type Members = { readonly [name: string]: unknown };

function requestFault(value: Members, bounds: ParseBounds): string | undefined {
  if (typeof value['method'] !== 'string') return '"method" must be a string';
  if ('result' in value || 'error' in value) {
    return 'A message with "method" must have neither "result" nor "error"';
  }
  if ('params' in value && !isObject(value['params'])) return '"params" must be a JSON object';
  return 'id' in value ? idFault(value['id'], bounds) : undefined;
}

function resultFault(value: Members, bounds: ParseBounds): string | undefined {
  if ('error' in value) return 'An answer must have "result" or "error", not both';
  if (!isObject(value['result'])) return '"result" must be a JSON object';
  return idFault(value['id'], bounds);
}

function errorFault(value: Members, bounds: ParseBounds): string | undefined {
  const error = value['error'];
  if (!isObject(error)) return '"error" must be a JSON object';
  if (!Number.isInteger(error['code'])) return 'The "code" of an error must be an integer';
  if (typeof error['message'] !== 'string') return 'The "message" of an error must be a string';
  // JSON-RPC 2.0, section 5: null stands for the id of a request that could not be read.
  return 'id' in value && value['id'] !== null ? idFault(value['id'], bounds) : undefined;
}

function idFault(id: unknown, bounds: ParseBounds): string | undefined {
  if (isRequestId(id, bounds.stringIdLengthMax)) return undefined;
  const length = bounds.stringIdLengthMax;
  return `"id" must be a string of at most ${length} characters or a safe integer`;
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
