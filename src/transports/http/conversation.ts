import type { Inbound } from '../../engine/link.js';
import { createPending } from '../../engine/pending.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import { encodeError, encodeMessage, encodeResult } from '../../json-rpc/encode.js';
import { isNotification, isRequest, type Message } from '../../json-rpc/message.js';
import type { ParseBounds } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { requestIdOf } from '../../protocol/routing.js';
import { bodyKind, readEvents, readJson, type StreamPlace } from './read-reply.js';
import { refusalOf } from './refusal.js';
import { keepStream } from './keep-stream.js';
import type { HttpResponse, HttpSend } from './send.js';

export interface ConversationOptions {
  readonly url: string;
  readonly send: HttpSend;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly headers?: { readonly [name: string]: string };
  readonly bounds: ParseBounds;
  /** Aborts when the connection closes. */
  readonly closing: AbortSignal;
}

/** The client's side of a legacy session: its id, its streams, and how they are resumed. */
export interface Conversation {
  readonly exchange: Exchange;
  notify(notification: Notification): Promise<void>;
  accept(inbound: Inbound): void;
  /** Ends the session, if there is one. */
  end(): Promise<void>;
}

const accept = 'application/json, text/event-stream';

export function createConversation(options: ConversationOptions): Conversation {
  const { url, send, limits, platform, bounds, closing } = options;
  const pending = createPending(limits.callsInFlightMax);
  let inbound: Inbound | undefined;
  let sessionId: string | undefined;
  let version: string | undefined;
  let standing: AbortController | undefined;

  const headers = (more: { readonly [name: string]: string }): { [name: string]: string } => ({
    ...options.headers,
    ...more,
    ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
  });
  const post = (body: string, signal: AbortSignal): Promise<HttpResponse> => {
    const json = { 'content-type': 'application/json', accept };
    return send({ method: 'POST', url, headers: headers(json), body, signal });
  };
  const get = (signal: AbortSignal, lastEventId: string): Promise<HttpResponse> => {
    const place = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
    return send({
      method: 'GET',
      url,
      headers: headers({ accept: 'text/event-stream', ...place }),
      signal,
    });
  };
  const answerQuestion = async (message: Message & { id: string | number }): Promise<void> => {
    const { id, method, params } = message as Request;
    const io: Io = { signal: closing, peer: server, emit: () => undefined };
    const request: Request = params === undefined ? { id, method } : { id, method, params };
    const body = await (inbound?.ask(request, io) ?? Promise.reject(unasked())).then(
      (result) => encodeResult(id, result),
      (thrown: unknown) => encodeError(id, McpError.from(thrown)),
    );
    (await post(body, closing)).discard();
  };
  /** Takes a message from a stream; `io` is of the call whose stream it is, if it is one's. */
  const take = (message: Message, io: Io | undefined): void => {
    if (isRequest(message)) void answerQuestion(message).catch(() => undefined);
    else if (isNotification(message)) {
      const id = requestIdOf(message);
      const owner = io ?? (id === undefined ? undefined : pending.ioOf(id));
      if (owner === undefined) inbound?.notice(message);
      else void owner.emit(message);
    } else pending.answer(message);
  };
  /** Sends one message and follows its stream, over any number of connections, to the end. */
  const follow = async (response: HttpResponse, io: Io): Promise<void> => {
    const onMessage = (message: Message): void => take(message, io);
    const place: StreamPlace = { lastEventId: '', retryMs: undefined };
    const read = (again: HttpResponse): Promise<void> =>
      readEvents(again, { bounds, onMessage, place });
    await keepStream({
      first: response,
      read,
      place,
      reopen: () => get(io.signal, place.lastEventId),
      isDone: () => pending.ioOf((io as RequestIo).requestId) === undefined,
      signal: io.signal,
      limits,
      platform,
    });
  };
  const sendRequest = async (request: Request, io: RequestIo): Promise<void> => {
    const body = encodeMessage({ jsonrpc: '2.0', ...request });
    const response = await post(body, io.signal);
    if (request.method === 'initialize') sessionId = response.header('mcp-session-id');
    const kind = bodyKind(response);
    if (response.status === 200 && kind === 'stream') return follow(response, io);
    const message = kind === 'json' ? await readJson(response, bounds) : undefined;
    if (response.status === 200 && message !== undefined) return take(message, io);
    response.discard();
    const said = message !== undefined && 'error' in message ? message.error : undefined;
    const error = said === undefined ? undefined : McpError.fromWire(said);
    // Some servers answer an unknown method like an unknown session, but for the code.
    const isSessionLost = response.status === 404 && error?.kind !== 'methodNotFound';
    if (isSessionLost && sessionId !== undefined) throw sessionLost();
    throw refusalOf(response, error);
  };
  const begin = (request: Request): void => {
    if (request.method !== 'initialize') return;
    sessionId = undefined;
    version = undefined;
    standing?.abort();
  };
  const listen = (): void => {
    standing = new AbortController();
    const { signal } = standing;
    closing.addEventListener('abort', () => standing?.abort(), { once: true });
    const place: StreamPlace = { lastEventId: '', retryMs: undefined };
    const onMessage = (message: Message): void => take(message, undefined);
    keepStream({
      first: undefined,
      read: (response) => readEvents(response, { bounds, onMessage, place }),
      place,
      reopen: () => get(signal, place.lastEventId),
      isDone: () => false,
      signal,
      limits,
      platform,
      // A server may offer no such stream, and its session goes on without.
    }).catch(() => undefined);
  };

  return {
    async exchange(request, io) {
      begin(request);
      const own = new RequestIo(io, request.id);
      const result = await pending.ask(request, own, {
        send: () => sendRequest(request, own).then(() => unanswered(pending.ioOf(request.id))),
        withdraw: () => undefined,
      });
      if (request.method === 'initialize') version = result['protocolVersion'] as string;
      return result;
    },
    async notify(notification) {
      const response = await post(encodeMessage({ jsonrpc: '2.0', ...notification }), closing);
      response.discard();
      if (notification.method === 'notifications/initialized') listen();
    },
    accept: (given) => (inbound = given),
    async end() {
      standing?.abort();
      pending.fail(() => new McpError('connectionClosed', 'The connection was closed'));
      if (sessionId === undefined) return;
      // The server may not let clients end sessions, or be gone: it is over for us in any case.
      const ended = send({ method: 'DELETE', url, headers: headers({}), signal: closing });
      await ended.then((response) => response.discard()).catch(() => undefined);
    },
  };
}

const server: Io['peer'] = { principal: { id: 'server' }, protocolVersion: '', capabilities: {} };

/** The Io of a call, which knows the call's id. */
class RequestIo implements Io {
  readonly requestId: string | number;
  readonly #io: Io;

  constructor(io: Io, requestId: string | number) {
    this.#io = io;
    this.requestId = requestId;
  }

  get signal(): AbortSignal {
    return this.#io.signal;
  }

  get peer(): Io['peer'] {
    return this.#io.peer;
  }

  emit(notification: Notification): void | Promise<void> {
    return this.#io.emit(notification);
  }
}

function unanswered(io: Io | undefined): void {
  if (io !== undefined) {
    throw new McpError('outcomeUnknown', 'The stream ended before the answer came');
  }
}

function sessionLost(): McpError {
  return new McpError('sessionNotFound', 'The server has forgotten the session');
}

function unasked(): McpError {
  return new McpError('methodNotFound', 'This client answers no questions');
}
