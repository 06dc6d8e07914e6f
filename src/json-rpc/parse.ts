import { type ErrorKind, McpError } from '../errors.js';
import type { Limits } from '../limits.js';
import { countKeys } from './count-keys.js';
import { envelopeFault, isObject } from './envelope.js';
import type { Message, RequestId } from './message.js';
import { isRequestId, peekEnvelope } from './peek-id.js';
import { nestingMax, overBound, scanJson } from './scan.js';

/** What arrived is no message. */
export class ParseFailure {
  readonly error: McpError;
  /** The id of the broken request where it could be read, so that the answer finds its way. */
  readonly id: RequestId | undefined;
  /**
   * True when the broken message was an answer: it must not be answered, and `id` names the
   * question of ours that it belongs to.
   */
  readonly response: boolean;

  constructor(error: McpError, id?: RequestId, response: boolean = false) {
    this.error = error;
    this.id = id;
    this.response = response;
  }
}

/** A message, the members of a batch, or why it is neither. */
export type Parsed = Message | ParseFailure | readonly (Message | ParseFailure)[];

export interface ParseBounds {
  readonly bytesMax: number;
  readonly nodesMax: number;
  readonly depthMax: number;
  readonly objectKeysMax: number;
  readonly numberLengthMax: number;
  readonly stringIdLengthMax: number;
  readonly batchMessagesMax: number;
}

/** The bounds of what a client may send to a server. */
export function boundsForServer(limits: Limits): ParseBounds {
  return bounds(limits, limits.serverMessageBytesMax, limits.serverMessageNodesMax);
}

/** The bounds of what a server may send to a client. */
export function boundsForClient(limits: Limits): ParseBounds {
  return bounds(limits, limits.clientMessageBytesMax, limits.clientMessageNodesMax);
}

/** Reads the UTF-8 JSON text of one message or batch. Never throws. */
export function parseMessage(bytes: Uint8Array, bounds: ParseBounds): Parsed {
  if (bytes.length > bounds.bytesMax) return oversizedMessage(bytes, bytes.length, bounds);
  const members = scanJson(bytes, bounds);
  if (members < 0) return unread(bytes, 'invalidRequest', boundFault(members, bounds));
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    return unread(bytes, 'parseError', textFault(bytes, cause), cause);
  }
  const keys = countKeys(value);
  if (keys !== members) return unread(bytes, 'invalidRequest', keysFault(keys));
  return Array.isArray(value) ? readBatch(value, bounds) : readMember(value, bounds);
}

/** The failure for a message that was not even kept: `head` is how it began. */
export function oversizedMessage(
  head: Uint8Array,
  totalBytes: number,
  { bytesMax }: ParseBounds,
): ParseFailure {
  const fault = `The message has ${totalBytes} bytes; at most ${bytesMax} are accepted`;
  return unread(head, 'invalidRequest', fault);
}

// A byte order mark is kept by the decoder, and JSON.parse then refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bounds(limits: Limits, bytesMax: number, nodesMax: number): ParseBounds {
  return {
    bytesMax,
    nodesMax,
    depthMax: limits.messageDepthMax,
    objectKeysMax: limits.objectKeysMax,
    numberLengthMax: limits.numberLengthMax,
    stringIdLengthMax: limits.stringIdLengthMax,
    batchMessagesMax: limits.batchMessagesMax,
  };
}

function readBatch(
  values: readonly unknown[],
  bounds: ParseBounds,
): ParseFailure | readonly (Message | ParseFailure)[] {
  if (values.length === 0) return refused('A batch must have at least one message');
  const max = bounds.batchMessagesMax;
  if (values.length > max) return refused(`A batch may have at most ${max} messages`);
  return values.map((value) => readMember(value, bounds));
}

function readMember(value: unknown, bounds: ParseBounds): Message | ParseFailure {
  const fault = envelopeFault(value, bounds);
  if (fault === undefined) {
    const message = value as Message;
    return (message as { id?: unknown }).id === null ? withoutId(message) : message;
  }
  if (!isObject(value)) return refused(fault);
  const id = isRequestId(value['id'], bounds.stringIdLengthMax) ? value['id'] : undefined;
  return refused(fault, id, !('method' in value) && ('result' in value || 'error' in value));
}

function withoutId(message: Message): Message {
  const { id: _, ...rest } = message as Message & { id: null };
  return rest;
}

function refused(fault: string, id?: RequestId, response?: boolean): ParseFailure {
  return new ParseFailure(new McpError('invalidRequest', fault), id, response);
}

/** A failure of the text as a whole; who sent it is read from its first bytes. */
function unread(head: Uint8Array, kind: ErrorKind, fault: string, cause?: unknown): ParseFailure {
  const { id, response } = peekEnvelope(head);
  return new ParseFailure(new McpError(kind, fault, { cause }), id, response);
}

function boundFault(over: number, bounds: ParseBounds): string {
  if (over === overBound.depth) {
    const max = Math.min(bounds.depthMax, nestingMax);
    return `The message is nested more than ${max} levels deep`;
  }
  if (over === overBound.nodes) return `The message has more than ${bounds.nodesMax} values`;
  if (over === overBound.keys) {
    return `An object in the message has more than ${bounds.objectKeysMax} members`;
  }
  return `A number in the message has more than ${bounds.numberLengthMax} characters`;
}

function textFault(bytes: Uint8Array, cause: unknown): string {
  if (bytes.length === 0) return 'The message is empty';
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return 'The message must not begin with a byte order mark';
  }
  return cause instanceof SyntaxError
    ? 'The message is not valid JSON'
    : 'The message is not valid UTF-8';
}

function keysFault(keys: number): string {
  return Number.isNaN(keys)
    ? 'An object in the message has a member named "__proto__"'
    : 'An object in the message has two members with the same name';
}
