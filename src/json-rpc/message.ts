/** JSON-RPC 2.0 messages without meaning: their shapes and how to tell them apart. */

/** A request id: a string or a safe integer, never null (MCP basic, "Requests"). */
export type RequestId = string | number;

/** Any JSON object. What is inside is checked by whoever gives it a meaning. */
export type JsonObject = { readonly [key: string]: unknown };

export interface RequestMessage {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface NotificationMessage {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonObject;
}

export interface ResultMessage {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result: JsonObject;
}

export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface ErrorMessage {
  readonly jsonrpc: '2.0';
  /** Absent only when the request's own id could not be read. */
  readonly id?: RequestId;
  readonly error: ErrorObject;
}

export type ResponseMessage = ResultMessage | ErrorMessage;
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

export function isRequest(message: Message): message is RequestMessage {
  return 'method' in message && 'id' in message;
}

export function isNotification(message: Message): message is NotificationMessage {
  return 'method' in message && !('id' in message);
}

export function isResponse(message: Message): message is ResponseMessage {
  return !('method' in message);
}

export function isErrorMessage(message: ResponseMessage): message is ErrorMessage {
  return 'error' in message;
}

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
