import { McpError } from '../errors.js';
import {
  type ErrorMessage,
  isNotification,
  isRequest,
  type JsonObject,
  type Message,
  type RequestId,
  type RequestMessage,
} from './message.js';
import { progressJson, progressMethod } from './progress-json.js';
import { hasReadyJson, readyJson } from './ready-json.js';

/** The JSON text of a message or a batch, without a newline anywhere. Throws McpError internal. */
export function encodeMessage(message: Message | readonly Message[]): string {
  if (isBatch(message)) return `[${message.map(encodeMessage).join(',')}]`;
  if ('result' in message) return encodeResult(message.id, message.result);
  if (isNotification(message)) return encodeNotification(message);
  return isRequest(message) ? encodeRequest(message) : toJson(message);
}

/** The JSON text of a notification. Throws McpError internal. */
export function encodeNotification({ method, params }: Said): string {
  const json = params && method === progressMethod ? progressJson(params) : undefined;
  return json ?? toJson({ jsonrpc: '2.0', method, params });
}

interface Said {
  readonly method: string;
  readonly params?: JsonObject;
}

/** The JSON text of a request, with that of its `_meta` where that has it ready. */
function encodeRequest(request: RequestMessage): string {
  const meta = request.params?.['_meta'];
  if (!hasReadyJson(meta)) return toJson(request);
  const { _meta, ...others } = request.params ?? {};
  const members = toJson(others).slice(1, -1);
  const params = `${members}${members === '' ? '' : ','}"_meta":${meta[readyJson]}`;
  const method = JSON.stringify(request.method);
  return `{"jsonrpc":"2.0","id":${encodeId(request.id)},"method":${method},"params":{${params}}}`;
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

/** The text of an answer, of which all but the beginning is that of many others too. */
export interface SharedAnswer {
  readonly before: string;
  /** What follows. */
  readonly text: string;
  /** The same in bytes, and the last brace. */
  readonly shared: Uint8Array;
}

/**
 * The answer with a result whose JSON text is kept, where that is worth while. Never throws: what
 * cannot be written is `encodeAnswer`'s.
 */
export function encodeShared(id: RequestId, outcome: JsonObject): SharedAnswer | undefined {
  const kept = remembered.get(outcome);
  if (kept === undefined) return undefined;
  const json = keptJson(kept, outcome);
  if (json === undefined || json.length < sharedLengthMin) return undefined;
  kept.bytes ??= new TextEncoder().encode(`${json}}`);
  const before = `{"jsonrpc":"2.0","id":${encodeId(id)},"result":`;
  return { before, text: json, shared: kept.bytes };
}

/** The whole text of an answer that is in pieces. */
export function textOfShared({ before, text }: SharedAnswer): string {
  return `${before}${text}}`;
}

// A shorter text is copied in no time, and leaves in one piece with what is around it.
const sharedLengthMin = 4096;

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
  if (!remembered.has(result)) remembered.set(result, {});
}

/** What is kept of a result, from when it was first written. */
interface Kept {
  json?: string;
  bytes?: Uint8Array;
}

const remembered = new WeakMap<object, Kept>();

function keptJson(kept: Kept, result: JsonObject): string | undefined {
  try {
    return (kept.json ??= toJson(result));
  } catch {
    return undefined;
  }
}

function resultJson(result: JsonObject): string {
  const kept = remembered.get(result);
  return kept === undefined ? toJson(result) : (kept.json ??= toJson(result));
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
