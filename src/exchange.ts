/**
 * The one idea. A server is an Exchange, a client transport is an Exchange, and what stands between
 * them is Middleware. Start reading here.
 */
import type { JsonObject, RequestId } from './json-rpc/message.js';
import type { MethodRows } from './protocol/methods.js';
import type { ClientCapabilities, Implementation, LoggingLevel } from './protocol/modern.types.js';
import type { KeptByServer } from './stores/server-store.js';

export interface Request {
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface Notification {
  readonly method: string;
  readonly params?: JsonObject;
}

export type Result = JsonObject;

/** Who was verified to be at the other end. Never holds a token. */
export interface Principal {
  /** Stable and unique among principals: sessions and sealed state are bound to it. */
  readonly id: string;
  /** What its token allows. Absent where nobody asked for one, as over stdio: then everything. */
  readonly scopes?: readonly string[];
  /** Unix time in milliseconds after which the identity no longer holds. */
  readonly expiresAt?: number;
  /** Nobody was verified: everybody who comes without credentials is this same principal. */
  readonly anonymous?: boolean;
  /** Where nobody was verified: as whom limits count it, such as an address. */
  readonly countedAs?: string;
}

/** As whom bounds count somebody; undefined where nobody can be told apart. */
export function countedAs({ anonymous, id, countedAs: key }: Principal): string | undefined {
  return anonymous === true ? key : id;
}

/** What is known of the caller of one request. Only `principal` was verified. */
export interface Peer {
  readonly principal: Principal;
  readonly protocolVersion: string;
  readonly capabilities: ClientCapabilities;
  readonly clientInfo?: Implementation;
  /** The least severe log level that the caller wants; absent means no log messages. */
  readonly logLevel?: LoggingLevel;
}

/** What an exchange may do besides answering. */
export interface Io {
  /** Aborts when nobody waits for the answer any more. Made when first read. */
  readonly signal: AbortSignal;
  /** Says the same as `signal`, which need not be made for it; absent where it is there anyway. */
  readonly cancelling?: Cancelling | undefined;
  readonly peer: Peer;
  /** Sends a notification that belongs to this request. Await it to wait for room. */
  emit(notification: Notification): void | Promise<void>;
  /** Puts a question to the caller while it waits; only legacy connections have it. */
  readonly ask?: Exchange | undefined;
  /** `Mcp-Param-*` values beside the message, keyed by lower-case name; absent off HTTP. */
  readonly paramHeaders?: ReadonlyMap<string, string> | undefined;
  /** Lets the connection go and the caller come back for the rest; resumable streams have it. */
  readonly detach?: ((options: { readonly retryMs: number }) => void) | undefined;
  /** The timeout over this request, where there is one. */
  readonly deadline?: Pace | undefined;
  /** The caller insists on a task instead of an answer, kept for so long; see server/tasks. */
  readonly task?: { readonly ttlMs?: number } | undefined;
}

/** The part of an AbortSignal that tells of the end: a whole one costs as much as a small call. */
export interface Cancelling {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(
    type: 'abort',
    listener: (() => void) | { handleEvent(): void },
    options?: { readonly once: true },
  ): void;
  removeEventListener(type: 'abort', listener: (() => void) | { handleEvent(): void }): void;
}

/** What work may say of its own timeout. */
export interface Pace {
  /** Work goes on: the time starts anew. */
  extend(): void;
  /** A person is being waited for: time stands still until `resume`. */
  pause(): void;
  resume(): void;
  /** Replaces the time without progress, in ms. */
  limit(ms: number): void;
}

/** One request and everything that happens until its answer. Rejects with McpError only. */
export type Exchange = (request: Request, io: Io) => Promise<Result>;

export type Middleware = (next: Exchange) => Exchange;

/** A message that wants no answer, and who sent it. */
export type Notice = (notification: Notification, peer: Peer) => void;

/** What a transport can serve: an Exchange with a name. */
export interface Served {
  readonly exchange: Exchange;
  readonly info: Implementation;
  /** Methods that its extensions add to the protocol's own. */
  readonly methods?: MethodRows;
  /**
   * Hands over where it keeps what outlives requests, and with which nodes it shares that. Called
   * before its first request by whoever was given a store; without it, all is in this process.
   * Once more with the same changes nothing; another store than before throws an Error.
   */
  keepIn?(kept: KeptByServer): void;
}

/** Wraps `exchange` so that the first middleware sees a request first. Done once, not per call. */
export function compose(middleware: readonly Middleware[], exchange: Exchange): Exchange {
  return middleware.reduceRight((next, wrap) => wrap(next), exchange);
}
