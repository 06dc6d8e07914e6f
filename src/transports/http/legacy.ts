import type { Running } from '../../engine/drain.js';
import type { Places } from '../../engine/places.js';
import { brokenAnswer } from '../../engine/pending.js';
import { idInUse, McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import { encodeResult } from '../../json-rpc/encode.js';
import type {
  Message,
  NotificationMessage,
  RequestId,
  RequestMessage,
  ResponseMessage,
} from '../../json-rpc/message.js';
import { isNotification, isRequest, isResponse } from '../../json-rpc/message.js';
import { ParseFailure } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { cancelledId, cancelledMethod } from '../../protocol/cancellation.js';
import { when } from '../../platform/when.js';
import { eraOf } from '../../protocol/revisions.js';
import type { Cluster } from '../../stores/cluster-store.js';
import { readEventId } from './event-ids.js';
import { methodNotAllowed } from './guards/method.js';
import type { Head } from './head.js';
import { type LegacyPost, LegacyReply } from './legacy-reply.js';
import { emptyHeaders, jsonHeaders } from './reply-headers.js';
import type { OpenReader } from './readable-stream.js';
import type { HttpSession } from './http-session.js';
import { orReport, orUnavailableTelling } from './store-faults.js';
import { cancelHere } from './session-cancel.js';
import { isAlive, passOn, topics } from './session-news.js';
import { sessionNotFound, streamConflict } from './session-errors.js';
import type { Sessions } from './sessions.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface LegacyOptions {
  readonly sessions: Sessions;
  readonly cluster: Cluster;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly calls: Running;
  /** The event streams of GET take places here. */
  readonly streamPlaces: Places;
  /** Told what a store threw where nobody waits for it. */
  readonly onFault: (cause: unknown) => void;
}

export type Batch = readonly (Message | ParseFailure)[];

/** POST, GET and DELETE of the legacy revisions, over sessions. */
export interface LegacyHttp {
  initialize(request: RequestMessage, head: Head, wire: WireReply, who: Principal): Promise<void>;
  post(message: Message, head: Head, wire: WireReply, who: Principal): void | Promise<void>;
  /** Several messages at once, which only sessions of 2025-03-26 take. */
  postBatch(batch: Batch, head: Head, wire: WireReply, who: Principal): Promise<void>;
  /** An answer to a question of ours was no message: whoever asked is told. */
  refuseAnswer(failure: ParseFailure, head: Head, who: Principal): Promise<void>;
  get(head: Head, wire: WireReply, who: Principal): Promise<void>;
  delete(head: Head, wire: WireReply, who: Principal): Promise<void>;
}

export function createLegacyHttp(options: LegacyOptions): LegacyHttp {
  const { sessions, cluster, limits, clock, calls, streamPlaces, onFault } = options;

  const orUnavailable = orUnavailableTelling('Streams cannot be found', onFault);

  const find = (head: Head, who: Principal): HttpSession | Promise<HttpSession> => {
    const id = head['mcp-session-id'];
    if (id === undefined) throw new McpError('badRequest', 'Mcp-Session-Id is missing');
    return when(sessions.find(id, who), (http) => known(http, head));
  };
  const serve = (
    http: HttpSession,
    who: Principal,
    requests: LegacyPost['requests'],
    isBatch: boolean,
    wire: WireReply,
  ): void => {
    const mayNot = (id: RequestId): McpError | undefined => refusalOf(http, id, limits);
    new LegacyReply(wire, { http, who, requests, isBatch, refusalOf: mayNot }, options).serve();
  };

  /** The answer to a question, which another node may have asked. */
  const answer = async (http: HttpSession, response: ResponseMessage): Promise<boolean> =>
    http.questions.answer(response) || passOn(cluster, http, response);
  /** A notification of the client. */
  const take = (http: HttpSession, notification: NotificationMessage): void | Promise<void> => {
    if (notification.method !== cancelledMethod) return http.session.notice(notification);
    const id = cancelledId(notification);
    if (id === undefined || cancelHere(http, id) || !sessions.areShared) return;
    cluster.tell(topics.cancelled, { session: http.hash, id });
  };
  /** What is no request. */
  const takeWord = async (
    http: HttpSession,
    message: NotificationMessage | ResponseMessage,
    wire: WireReply,
  ): Promise<void> => {
    if (isResponse(message) && !(await answer(http, message))) {
      throw new McpError('invalidRequest', 'Nothing waits for this response');
    }
    if (isNotification(message)) await take(http, message);
    wire.send(202, emptyHeaders);
  };
  /** GET without a place to resume: the stream of unsolicited notices, one for a session. */
  const announce = async (http: HttpSession, open: OpenReader): Promise<void> => {
    const { streams } = http;
    // One that was begun here and does not stand is over.
    streams.stand(streams.standing);
    const { announced, standing } = streams;
    if (isAlive(announced?.reader, clock)) throw streamConflict();
    announced?.reader?.end();
    const here =
      announced ?? (standing === undefined ? undefined : await streams.takeOver(standing));
    const stream = here ?? streams.announce();
    // Of two that begin one at the same time, on two nodes, the store lets one be the first.
    if (http.kept.record.standing !== stream.name) {
      await sessions.save(http).catch((thrown: unknown) => {
        streams.stand(http.kept.record.standing);
        throw thrown;
      });
    }
    if (streams.standing !== stream.name) throw streamConflict();
    if (announced !== undefined || here === undefined) return stream.open(open);
    // What changed before it was written here may have been told to nobody.
    if ((await stream.attach(open, stream.startSeq)) === 'attached') return;
    if (streams.announced !== stream) {
      throw new McpError('unavailable', 'The stream cannot be taken over just now; try again');
    }
    // It was more than a stream keeps: now somebody is there to be told.
    stream.open(open);
    await http.session.announce.tellEverything();
  };
  /** Hands a stream of `http` over to the reader that `open` makes. */
  const follow = async (
    http: HttpSession,
    lastEventId: string | undefined,
    open: OpenReader,
    wire: WireReply,
  ): Promise<void> => {
    if (lastEventId === undefined) return http.streams.inTurn(() => announce(http, open));
    const event = readEventId(lastEventId);
    const stream =
      event === undefined ? undefined : await http.streams.find(event.stream, event.seq);
    if (event === undefined || stream === undefined) {
      throw new McpError('sessionNotFound', 'Last-Event-ID is not (any more) known here');
    }
    // Readers of notices find another node; those who wait for answers of this one stay.
    if (calls.closing && sessions.areShared && stream === http.streams.announced) {
      throw new McpError('unavailable', 'The server is shutting down');
    }
    const outcome = await stream.attach(open, event.seq);
    if (outcome === 'attached') return;
    // 204 tells an event source not to come back: a cancelled call has no answer to wait for.
    if (outcome === 'over') return wire.send(204, emptyHeaders);
    if (outcome === 'unknown') {
      throw new McpError('invalidRequest', 'Last-Event-ID names an event that never was');
    }
    // Events were lost: the client has to know, and begins anew.
    await sessions.end(http);
    throw new McpError('sessionNotFound', 'Events after Last-Event-ID are no longer kept');
  };

  return {
    async initialize(request, head, wire, who) {
      if (head['mcp-session-id'] !== undefined) {
        throw new McpError('badRequest', 'initialize begins a session and cannot be sent in one');
      }
      const { http, welcome } = await sessions.open(request, who);
      const headers = { ...jsonHeaders, 'mcp-session-id': http.id };
      wire.send(200, headers, encodeResult(request.id, welcome));
    },
    post(message, head, wire, who) {
      return when(find(head, who), (http) => {
        if (!isRequest(message)) return takeWord(http, message, wire);
        throwIf(refusalOf(http, message.id, limits));
        serve(http, who, [message], false, wire);
      });
    },
    async postBatch(batch, head, wire, who) {
      const http = await find(head, who);
      if (!http.session.takesBatches) {
        throw new McpError('invalidRequest', 'This session takes no batches: send one by one');
      }
      const answered = batch.filter(
        (member): member is ParseFailure | RequestMessage => isFailure(member) || isRequest(member),
      );
      if (answered.length > 0) serve(http, who, answered, true, wire);
      // After the requests, or a cancellation in the same batch would come before its request.
      for (const member of batch) {
        if (isFailure(member)) continue;
        if (isResponse(member)) await answer(http, member).catch(onFault);
        // The requests run already: a notice that fails is no reason to send all of it again.
        else if (isNotification(member)) await orReport(() => take(http, member), onFault);
      }
      if (answered.length === 0) wire.send(202, emptyHeaders);
    },
    async refuseAnswer({ id, error }, head, who) {
      const http = await find(head, who);
      if (id === undefined || http.questions.refuse(id, brokenAnswer(error))) return;
      const { message, code } = brokenAnswer(error).toWire();
      await passOn(cluster, http, { jsonrpc: '2.0', id, error: { code, message } });
    },
    async get(head, wire, who) {
      if (!sessions.areKept) throw methodNotAllowed();
      const http = await find(head, who);
      const onClose = placeFor(who, streamPlaces);
      let isOpen = false;
      const open: OpenReader = (onVanish) => {
        // It may have ended while a store was asked: nobody would end a stream of it any more.
        http.streams.refuseIfStopped();
        isOpen = true;
        return openSse(wire, { clock, limits, onVanish, onClose, reader: who });
      };
      try {
        await orUnavailable(() => follow(http, head['last-event-id'], open, wire));
      } finally {
        if (!isOpen) onClose();
      }
    },
    async delete(head, wire, who) {
      if (!sessions.areKept) throw methodNotAllowed();
      await sessions.delete(await find(head, who));
      wire.send(200, emptyHeaders);
    },
  };
}

/** Takes a place; how to leave it holds on to nothing else, for as long as a stream lives. */
function placeFor(who: Principal, places: Places): () => void {
  places.take(who);
  return () => places.leave(who);
}

function known(http: HttpSession | undefined, head: Head): HttpSession {
  if (http === undefined) throw sessionNotFound();
  const version = head['mcp-protocol-version'];
  if (version !== undefined && eraOf(version) !== 'legacy') {
    throw new McpError('badRequest', 'MCP-Protocol-Version is not one that sessions have');
  }
  return http;
}

function throwIf(refusal: McpError | undefined): void {
  if (refusal !== undefined) throw refusal;
}

function isFailure(member: Message | ParseFailure): member is ParseFailure {
  return member instanceof ParseFailure;
}

function refusalOf(http: HttpSession, id: RequestId, limits: Limits): McpError | undefined {
  if (http.flights.get(id) !== undefined) return idInUse(id);
  if (http.flights.size >= limits.callsInFlightPerPipeMax) {
    return new McpError('tooManyRequests', 'Too many requests at once: wait for answers');
  }
  return undefined;
}
