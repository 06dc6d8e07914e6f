import { type Inbound, serverPeer } from '../../engine/link.js';
import { Cancellation, cancellingOf } from '../../engine/cancelling.js';
import { createPending } from '../../engine/pending.js';
import { McpError } from '../../errors.js';
import type { Cancelling, Exchange, Io, Notification, Request } from '../../exchange.js';
import { encodeError, encodeMessage, encodeResult } from '../../json-rpc/encode.js';
import { isNotification, isRequest, type Message, type RequestId } from '../../json-rpc/message.js';
import type { ParseBounds } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { requestIdOf } from '../../protocol/routing.js';
import { keepStream, mayBeGiven } from './keep-stream.js';
import { bodyKind, isToken, readEvents, readJson, type StreamPlace } from './read-reply.js';
import { readRefusal, readSaid, refusalOf } from './refusal.js';
import type { HttpResponse, Requests } from './requests.js';

export interface ConversationOptions {
  readonly url: string;
  readonly requests: Requests;
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
  /** Resolves once notices that belong to no call can arrive, or none ever will. */
  noticesOpen(): Promise<void>;
  /** Ends the session, if there is one. */
  end(): Promise<void>;
}

const accept = 'application/json, text/event-stream';

export function createConversation(options: ConversationOptions): Conversation {
  const { url, requests, limits, platform, bounds, closing } = options;
  const pending = createPending(limits.callsInFlightMax);
  let inbound: Inbound | undefined;
  let sessionId: string | undefined;
  let version: string | undefined;
  /** Aborts when the session at hand is over, and its stream of notices with it. */
  let standing = new AbortController();
  let standingIsOpen: Promise<void> = Promise.resolve();
  let standingIsLost = false;
  /** How many sessions were lost before their stream of notices had opened. */
  let lostInARow = 0;
  const timers = new Set<() => void>();
  const stopTimers = (): void => {
    for (const stop of timers) stop();
  };
  // What they watch is cut with the connection.
  closing.addEventListener('abort', stopTimers, { once: true });

  const headers = (more: { readonly [name: string]: string }): { [name: string]: string } => ({
    ...options.headers,
    ...more,
    ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
  });
  const post = (body: string, signal: Cancelling): Promise<HttpResponse> => {
    const json = { 'content-type': 'application/json', accept };
    return requests.send({ method: 'POST', url, headers: headers(json), body, signal });
  };
  /** Sends what gets no answer; a server that does not even take it is not waited for long. */
  const say = async (body: string): Promise<void> => {
    await inTime(limits.clientCallMs, async (signal) => (await post(body, signal)).discard());
  };
  const inTime = async (ms: number, work: (signal: AbortSignal) => Promise<void>) => {
    const patience = new AbortController();
    const stop = platform.clock.after(ms, () => patience.abort());
    timers.add(stop);
    try {
      await work(patience.signal);
    } finally {
      stop();
      timers.delete(stop);
    }
  };
  const get = (signal: Cancelling, lastEventId: string): Promise<HttpResponse> => {
    const place = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
    return requests.send({
      method: 'GET',
      url,
      headers: headers({ accept: 'text/event-stream', ...place }),
      signal,
    });
  };
  const answerQuestion = async (message: Message & { id: string | number }): Promise<void> => {
    const { id, method, params } = message as Request;
    const io: Io = { signal: closing, peer: serverPeer, emit: () => undefined };
    const request: Request = params === undefined ? { id, method } : { id, method, params };
    const body = await (inbound?.ask(request, io) ?? Promise.reject(unasked())).then(
      (result) => encodeResult(id, result),
      (thrown: unknown) => encodeError(id, McpError.from(thrown)),
    );
    await say(body);
  };
  let questions = 0;
  const takeQuestion = (message: Message & { id: RequestId }): void => {
    // Past the bound even a refusal would be one more request of ours, as fast as they ask.
    if (questions >= limits.questionsPendingMax) return;
    questions++;
    void answerQuestion(message)
      .catch(() => undefined)
      .finally(() => questions--);
  };
  /** Takes a message from a stream: the stream of the call `callId`, if it is one's. */
  const take = (message: Message, callId: RequestId | undefined): void => {
    if (isRequest(message)) takeQuestion(message);
    else if (isNotification(message)) {
      const id = callId ?? requestIdOf(message);
      const owner = id === undefined ? undefined : pending.ioOf(id);
      if (owner === undefined) inbound?.notice(message);
      else void owner.emit(message);
    } else pending.answer(message);
  };
  const reader = (mayCut: () => boolean) => ({
    bounds,
    tokenLengthMax: limits.serverTokenLengthMax,
    idle: { clock: platform.clock, ms: limits.streamIdleMs, mayCut },
  });
  /** Follows the stream of a call, over any number of connections, until `over` aborts. */
  const follow = (first: HttpResponse, { id, io, over }: Asked): Promise<void> => {
    const onMessage = (message: Message): void => take(message, id);
    const place: StreamPlace = { lastEventId: '', retryMs: undefined };
    return keepStream({
      first,
      // Silence is only worth a cut where one can come back.
      read: (response) =>
        readEvents(response, { ...reader(() => place.lastEventId !== ''), onMessage, place }),
      place,
      reopen: () => get(cancellingOf(io), place.lastEventId),
      isDone: () => pending.ioOf(id) === undefined,
      signal: over,
      limits,
      platform,
    });
  };
  const sendRequest = async (request: Request, asked: Asked): Promise<void> => {
    // Another call may find out first that the session is lost, and open a new one meanwhile.
    const sentIn = sessionId;
    const response = await post(
      encodeMessage({ jsonrpc: '2.0', ...request }),
      cancellingOf(asked.io),
    );
    if (response.status !== 200) {
      const refusal = await readRefusal(response, limits);
      // Some servers answer unknown methods with 404 as well: that is not a session's end.
      const isLost = response.status === 404 && refusal.kind !== 'methodNotFound';
      throw isLost && sentIn !== undefined ? sessionLost() : refusal;
    }
    if (request.method === 'initialize') sessionId = sessionIdIn(response, limits);
    const kind = bodyKind(response);
    if (kind === 'stream') await follow(response, asked);
    else if (kind === 'json') take(await readJson(response, bounds), request.id);
    else throw await readRefusal(response, limits);
    if (pending.ioOf(request.id) !== undefined) throw unanswered();
  };
  const begin = (request: Request): void => {
    if (request.method !== 'initialize') return;
    sessionId = undefined;
    version = undefined;
    standing.abort();
    standing = new AbortController();
    standingIsLost = false;
  };
  const listen = (): void => {
    const { signal } = standing;
    const place: StreamPlace = { lastEventId: '', retryMs: undefined };
    const onMessage = (message: Message): void => take(message, undefined);
    let opened = (): void => undefined;
    let hasOpened = false;
    standingIsLost = false;
    standingIsOpen = new Promise((resolve) => (opened = resolve));
    void keepStream({
      first: undefined,
      read(response) {
        opened();
        // Begun anew instead of resumed: what was said in between is gone.
        if (hasOpened && place.lastEventId === '') inbound?.missed?.();
        hasOpened = true;
        return readEvents(response, { ...reader(() => true), onMessage, place });
      },
      place,
      async reopen() {
        const response = await get(signal, place.lastEventId);
        if (response.status !== 404 || sessionId === undefined) return response;
        const said = await readSaid(response, limits, (cause) => {
          throw new McpError('connectionFailed', 'The refusal broke off', { cause });
        });
        // Before it has opened, a 404 without a message is of a server that has no such stream.
        const isLost = hasOpened || (said !== undefined && said.kind !== 'methodNotFound');
        throw isLost ? sessionLost() : refusalOf(response, said);
      },
      isDone: () => false,
      signal,
      limits,
      platform,
    })
      .then(
        () => new McpError('outcomeUnknown', 'The server ended the stream of notices'),
        (thrown: unknown) => McpError.from(thrown),
      )
      .then((cause) => {
        const { cause: why } = cause;
        const isEnd = why instanceof McpError && why.kind === 'sessionNotFound';
        const isOffered = mayBeGiven(why);
        // A server may offer no such stream, and its session goes on without.
        if (!signal.aborted && (hasOpened || isEnd || isOffered)) {
          standingIsLost = true;
          lostInARow = hasOpened ? 0 : lostInARow + 1;
          // One that never opens it would have us open sessions for ever.
          inbound?.missed?.(isEnd && lostInARow <= limits.reconnectsMax ? why : cause);
        }
        opened();
      });
  };

  return {
    async exchange(request, io) {
      begin(request);
      const over = new Cancellation();
      const asked: Asked = { id: request.id, io, over };
      try {
        const result = await pending.ask(request, io, {
          send: () => sendRequest(request, asked),
          withdraw: () => undefined,
        });
        if (request.method === 'initialize') version = result['protocolVersion'] as string;
        return result;
      } finally {
        over.abort(answered);
      }
    },
    async notify(notification) {
      const { signal } = standing;
      await say(encodeMessage({ jsonrpc: '2.0', ...notification }));
      // A server may take it so late that another session has begun meanwhile, or none is left.
      if (notification.method === 'notifications/initialized' && !signal.aborted) listen();
    },
    noticesOpen() {
      if (standingIsLost) listen();
      return standingIsOpen;
    },
    accept: (given) => (inbound = given),
    async end() {
      standing.abort();
      pending.fail(() => new McpError('connectionClosed', 'The connection was closed'));
      if (sessionId === undefined) return;
      const ended = inTime(limits.sessionEndMs, async (signal) =>
        (await requests.send({ method: 'DELETE', url, headers: headers({}), signal })).discard(),
      );
      // The server may not let clients end sessions, or be gone: it is over for us in any case.
      await ended.catch(() => undefined);
    },
  };
}

/** A request on its way. */
interface Asked {
  readonly id: RequestId;
  readonly io: Io;
  /** Aborts when nobody waits for the answer any more. */
  readonly over: Cancelling;
}

// A reason that is given need not be made, with its stack, for every call.
const answered = 'answered';

/** Only what a header can hold: it goes with every request (transports, "Session Management"). */
function sessionIdIn(response: HttpResponse, limits: Limits): string | undefined {
  const id = response.header('mcp-session-id');
  if (id === undefined || (id !== '' && isToken(id, limits.serverTokenLengthMax))) return id;
  response.cut();
  throw new McpError('badResponse', 'The server gave a session id that no header can carry back');
}

function unanswered(): McpError {
  return new McpError('outcomeUnknown', 'The stream ended before the answer came');
}

function sessionLost(): McpError {
  return new McpError('sessionNotFound', 'The server has forgotten the session');
}

function unasked(): McpError {
  return new McpError('methodNotFound', 'This client answers no questions');
}
