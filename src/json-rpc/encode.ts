import { McpError } from '../errors.js';
import type { ErrorMessage, JsonObject, Message, RequestId } from './message.js';

/** The JSON text of a message or a batch, without a newline anywhere. Throws McpError internal. */
export function encodeMessage(message: Message | readonly Message[]): string {
  if (isBatch(message)) return `[${message.map(encodeMessage).join(',')}]`;
  return 'result' in message ? encodeResult(message.id, message.result) : toJson(message);
}

/** The JSON text of an answer. Throws McpError internal when the result cannot be written. */
export function encodeResult(id: RequestId, result: JsonObject): string {
  return `{"jsonrpc":"2.0","id":${encodeId(id)},"result":${resultJson(result)}}`;
}

/** The JSON text of how a request ended. Never throws: what cannot be written is our own fault. */
export function encodeAnswer(id: RequestId, outcome: JsonObject | McpError): string {
  if (outcome instanceof McpError) return encodeError(id, outcome);
  try {
    return encodeResult(id, outcome);
  } catch (cause) {
    return encodeError(id, McpError.from(cause));
  }
}

/** The JSON text of an error. Never throws: data that cannot be written are left out. */
export function encodeError(id: RequestId | undefined, error: McpError): string {
  const head = id === undefined ? '{"jsonrpc":"2.0"' : `{"jsonrpc":"2.0","id":${encodeId(id)}`;
  return `${head},"error":${errorJson(error.toWire())}}`;
}

/**
 * Keeps the JSON text of `result` once it was written, for answers that many requests share. The
 * object must never change again: nobody would see it.
 */
export function rememberJson(result: JsonObject): void {
  if (!remembered.has(result)) remembered.set(result, '');
}

// An empty text stands for a result that was not written yet.
const remembered = new WeakMap<object, string>();

function resultJson(result: JsonObject): string {
  const kept = remembered.get(result);
  if (kept === undefined) return toJson(result);
  if (kept !== '') return kept;
  const json = toJson(result);
  remembered.set(result, json);
  return json;
}

function encodeId(id: RequestId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id);
}

function errorJson(error: ErrorMessage['error']): string {
  try {
    return toJson(error);
  } catch {
    return toJson({ code: error.code, message: error.message });
  }
}

function toJson(value: object): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (thrown) {
    cause = thrown;
  }
  if (json !== undefined) return json;
  throw new McpError('internal', 'Internal error', { cause: cause ?? 'no JSON for this value' });
}

/** Whether `message` is a batch of them. */
export function isBatch(message: Message | readonly Message[]): message is readonly Message[] {
  return Array.isArray(message);
}
