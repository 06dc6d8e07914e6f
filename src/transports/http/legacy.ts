import type { Running } from '../../engine/drain.js';
import { createWork } from '../../engine/detached.js';
import { brokenAnswer } from '../../engine/pending.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { Message, RequestMessage } from '../../json-rpc/message.js';
import { isRequest, isResponse } from '../../json-rpc/message.js';
import { encodeMessage, encodeResult } from '../../json-rpc/encode.js';
import type { ParseFailure } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { cancelledId, cancelledMethod } from '../../protocol/cancellation.js';
import { eraOf } from '../../protocol/revisions.js';
import type { Head } from './head.js';
import { LegacyReply } from './legacy-reply.js';
import { emptyHeaders, jsonHeaders } from './reply-headers.js';
import { type OpenReader, readEventId } from './resume.js';
import type { HttpSession, Sessions } from './sessions.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface LegacyOptions {
  readonly sessions: Sessions;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly calls: Running;
}

/** POST, GET and DELETE of the legacy revisions, over sessions. */
export interface LegacyHttp {
  initialize(request: RequestMessage, head: Head, wire: WireReply, who: Principal): Promise<void>;
  post(message: Message, head: Head, wire: WireReply, who: Principal): void;
  /** An answer to a question of ours was no message: whoever asked is told. */
  refuseAnswer(failure: ParseFailure, head: Head, who: Principal): void;
  get(head: Head, wire: WireReply, who: Principal): Promise<void>;
  delete(head: Head, wire: WireReply, who: Principal): void;
}

// A standing stream counts as alive when its reader took something in the last 20 s (decision 16).
const aliveMs = 20_000;

export function createLegacyHttp(options: LegacyOptions): LegacyHttp {
  const { sessions, limits, clock } = options;
  let readers = 0;

  const find = (head: Head, who: Principal): HttpSession => {
    const id = head['mcp-session-id'];
    if (id === undefined) throw new McpError('badRequest', 'Mcp-Session-Id is missing');
    const http = sessions.find(id, who);
    if (http === undefined) {
      throw new McpError('sessionNotFound', 'Session not found: send initialize again');
    }
    const version = head['mcp-protocol-version'];
    if (version !== undefined && eraOf(version) !== 'legacy') {
      throw new McpError('badRequest', 'MCP-Protocol-Version is not one that sessions have');
    }
    return http;
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
      const http = find(head, who);
      if (isRequest(message)) return serveOne(http, message, wire, options);
      if (isResponse(message)) {
        if (http.questions.answer(message)) return wire.send(202, emptyHeaders);
        throw new McpError('invalidRequest', 'Nothing waits for this response');
      }
      if (message.method === cancelledMethod) {
        const id = cancelledId(message);
        if (id !== undefined) http.flights.get(id)?.end('cancelled');
      } else {
        http.session.notice(message);
      }
      wire.send(202, emptyHeaders);
    },
    refuseAnswer({ id, error }, head, who) {
      if (id !== undefined) find(head, who).questions.refuse(id, brokenAnswer(error));
    },
    async get(head, wire, who) {
      const http = find(head, who);
      if (readers >= limits.streamsMax) {
        throw new McpError('tooManyRequests', `${readers} streams are open; try again later`);
      }
      const open: OpenReader = (onVanish) => {
        readers++;
        return openSse(wire, { clock, limits, onVanish, onClose: () => readers-- });
      };
      const lastEventId = head['last-event-id'];
      if (lastEventId === undefined) return announce(http, open, clock);
      const event = readEventId(lastEventId);
      const stream = event === undefined ? undefined : http.streams.get(event.stream);
      if (event === undefined || stream === undefined) {
        throw new McpError('sessionNotFound', 'Last-Event-ID is not (any more) known here');
      }
      const outcome = await stream.attach(open, event.seq);
      if (outcome === 'attached') return;
      // 204 tells an event source not to come back: a cancelled call has no answer to wait for.
      if (outcome === 'over') return wire.send(204, emptyHeaders);
      // Events were lost: the client has to know, and begins anew.
      sessions.end(http);
      throw new McpError('sessionNotFound', 'Events after Last-Event-ID are no longer kept');
    },
    delete(head, wire, who) {
      sessions.end(find(head, who));
      wire.send(200, emptyHeaders);
    },
  };
}

function serveOne(
  http: HttpSession,
  request: RequestMessage,
  wire: WireReply,
  { limits, clock, calls }: LegacyOptions,
): void {
  const { id } = request;
  if (http.flights.has(id)) {
    throw new McpError('invalidRequest', `The request id ${JSON.stringify(id)} is in use already`);
  }
  if (http.flights.size >= limits.callsInFlightPerPipeMax) {
    throw new McpError('tooManyRequests', 'Too many requests at once: wait for answers');
  }
  const reply = new LegacyReply({
    wire,
    id,
    clock,
    limits,
    newStream: http.newStream,
    onReader: (isThere) => (isThere ? work.attach(reply) : work.detach()),
  });
  const work = createWork(
    {
      clock,
      peer: { principal: http.session.principal, protocolVersion: '', capabilities: {} },
      ask: http.askOn(() => reply.stream()),
      detach: ({ retryMs }) => reply.detach(retryMs),
      group: calls,
      callMs: limits.serverCallMs,
      // As long as its events are kept a reader may come back for them.
      whenDetached: { keepMs: limits.eventTtlMs },
      noticesMax: 0,
      onEnd() {
        http.flights.delete(id);
        http.lastSeenAt = clock.now();
      },
    },
    reply,
  );
  work.start(http.session.exchange, request);
  if (work.flight.ending === undefined) http.flights.set(id, work.flight);
}

/** GET without a place to resume: the stream of unsolicited notices, one for a session. */
function announce(http: HttpSession, open: OpenReader, clock: Clock): void {
  const standing = http.announced?.reader;
  if (standing !== undefined && clock.now() - standing.acceptedAt < aliveMs) {
    throw new McpError('streamConflict', 'This session has a GET stream already');
  }
  standing?.end();
  const stream = http.announced ?? http.newStream();
  stream.open(open);
  if (http.announced !== undefined) return;
  http.announced = stream;
  http.session.announce.start((notice) =>
    stream.append(encodeMessage({ jsonrpc: '2.0', ...notice })),
  );
}
