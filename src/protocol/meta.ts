/** `_meta`: what travels beside a message's own members (2026-07-28 basic, "_meta"). */
import { isJsonObject, type JsonObject, type RequestId } from '../json-rpc/message.js';
import { read } from './check.js';
import { modernRequestMeta } from './checkers/base.js';
import type { ClientCapabilities, Implementation, LoggingLevel } from './modern.types.js';

/** The keys that the protocol itself gives a meaning. */
export const metaKeys = {
  // requests of 2026-07-28
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  // results of 2026-07-28
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  // notifications and the result of subscriptions/listen
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  // tasks of 2025-11-25
  relatedTask: 'io.modelcontextprotocol/related-task',
  modelImmediateResponse: 'io.modelcontextprotocol/model-immediate-response',
  // requests of any revision
  progressToken: 'progressToken',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  baggage: 'baggage',
} as const;

Object.freeze(metaKeys);

export type ProgressToken = string | number;

/** Who asks, and how, as every modern request says of itself. */
export interface RequestMeta {
  readonly protocolVersion: string;
  readonly clientCapabilities: ClientCapabilities;
  readonly clientInfo?: Implementation;
  readonly logLevel?: LoggingLevel;
  readonly progressToken?: ProgressToken;
}

/** `{ ...params, _meta }`, which takes half as long again when it is written so. */
export function withMeta(params: JsonObject | undefined, _meta: JsonObject): JsonObject {
  const copy: { [name: string]: unknown } = Object.assign({ _meta }, params);
  copy['_meta'] = _meta;
  return copy;
}

/** True when a message's params name a protocol version, as only modern requests do. */
export function hasModernMeta(params: JsonObject | undefined): boolean {
  const meta = params?.['_meta'];
  return isJsonObject(meta) && Object.hasOwn(meta, metaKeys.protocolVersion);
}

/** Reads what a modern request must say of itself; McpError (invalid envelope) when it does not. */
export function readMeta(params: JsonObject | undefined): RequestMeta {
  const what = 'params._meta';
  const meta = read(modernRequestMeta, params?.['_meta'], what, 'invalidEnvelope');
  const clientInfo = meta[metaKeys.clientInfo];
  const logLevel = meta[metaKeys.logLevel];
  const { progressToken } = meta;
  const said: { -readonly [member in keyof RequestMeta]: RequestMeta[member] } = {
    protocolVersion: meta[metaKeys.protocolVersion],
    clientCapabilities: meta[metaKeys.clientCapabilities],
  };
  if (clientInfo !== undefined) said.clientInfo = clientInfo;
  if (logLevel !== undefined) said.logLevel = logLevel;
  if (progressToken !== undefined) said.progressToken = progressToken;
  return said;
}

/** The token under which the caller wants progress; nothing when it wants none. */
export function progressTokenOf(params: JsonObject | undefined): ProgressToken | undefined {
  return idIn(params, metaKeys.progressToken);
}

/** The subscription to which a notification, or a result of subscriptions/listen, belongs. */
export function subscriptionIdOf(paramsOrResult: JsonObject | undefined): RequestId | undefined {
  return idIn(paramsOrResult, metaKeys.subscriptionId);
}

/** The same notification with the id of the subscriptions/listen request that it answers. */
export function withSubscriptionId<
  N extends { readonly method: string; readonly params?: JsonObject },
>(notification: N, id: RequestId): N & { readonly params: JsonObject } {
  const { params } = notification;
  const meta = params?.['_meta'];
  const _meta = { ...(isJsonObject(meta) ? meta : {}), [metaKeys.subscriptionId]: id };
  return { ...notification, params: { ...params, _meta } };
}

/**
 * True for a well-formed key: labels, dots between them, and a slash before a name. A label begins
 * with a letter; labels and names end with a letter or digit. The prefix may be left out.
 */
export function isMetaKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return isMetaName(key) && key !== '';
  return key.slice(0, slash).split('.').every(isMetaLabel) && isMetaName(key.slice(slash + 1));
}

/** True when the protocol keeps the key's prefix for itself: `mcp` is the second label. */
export function isReservedMetaKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return false;
  const second = key.slice(0, slash).split('.')[1];
  return second === 'mcp' || second === 'modelcontextprotocol';
}

function idIn(holder: JsonObject | undefined, key: string): string | number | undefined {
  const meta = holder?.['_meta'];
  const id = isJsonObject(meta) ? meta[key] : undefined;
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id))
    ? id
    : undefined;
}

// Both patterns check one class of characters at each end and one between: no backtracking.
function isMetaLabel(label: string): boolean {
  return /^[A-Za-z]/.test(label) && /[A-Za-z0-9]$/.test(label) && !/[^A-Za-z0-9-]/.test(label);
}

function isMetaName(name: string): boolean {
  if (name === '') return true;
  return /^[A-Za-z0-9]/.test(name) && /[A-Za-z0-9]$/.test(name) && !/[^A-Za-z0-9._-]/.test(name);
}
