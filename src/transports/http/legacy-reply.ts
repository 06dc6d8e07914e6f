import type { Running } from '../../engine/drain.js';
import { createWork, type Reader, type Work, type WorkOptions } from '../../engine/detached.js';
import type { Flight } from '../../engine/flight.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Peer, Principal, Result } from '../../exchange.js';
import {
  encodeAnswer,
  encodeError,
  encodeNotification,
  encodeShared,
} from '../../json-rpc/encode.js';
import type { RequestId, RequestMessage } from '../../json-rpc/message.js';
import { ParseFailure } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { HttpSession, SessionFlight } from './http-session.js';
import { jsonHeaders, sendError } from './reply-headers.js';
import { type Author, keptNotice, type ResumableStream } from './resume.js';
import { openSse } from './sse-writer.js';
import type { WireBody, WireReply } from './wire.js';

/** What the replies of an endpoint have in common. */
export interface LegacyReplyOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly calls: Running;
}

/** What a request gets; what was no request has no id. */
interface Answer {
  readonly id: RequestId | undefined;
  readonly outcome: Result | McpError;
}

/** What a POST asks, by whom and in which session. */
export interface LegacyPost {
  readonly http: HttpSession;
  readonly who: Principal;
  /** The requests that are answered together: one, but for a batch. */
  readonly requests: readonly (RequestMessage | ParseFailure)[];
  /** Whether JSON answers come as an array. */
  readonly isBatch: boolean;
  /** Why a request may not begin now. */
  readonly refusalOf: (id: RequestId) => McpError | undefined;
}

/**
 * The answer to one POST of a legacy session: JSON when all comes soon and alone, a resumable
 * stream otherwise. A reader that goes may come back; the work goes on without it.
 */
export class LegacyReply implements Author {
  readonly post: LegacyPost;
  readonly options: LegacyReplyOptions;
  readonly #wire: WireReply;
  readonly #begunAt: number;
  #stopTimer: (() => void) | undefined;
  #stream: ResumableStream | undefined;
  /** Answers that wait for the rest of a batch. */
  #answers: Answer[] | undefined;
  #parts: Part[] | undefined;
  #open: number;

  constructor(wire: WireReply, post: LegacyPost, options: LegacyReplyOptions) {
    this.#wire = wire;
    this.post = post;
    this.options = options;
    this.#open = post.requests.length;
    // Most answers come within their turn, and need no timer.
    this.#begunAt = options.clock.now();
    options.clock.nextTurn(() => this.#commitLater());
    wire.onVanish(() => {
      if (this.#stream === undefined) this.hasReader(false);
    });
  }

  /** Begins what can begin; the rest is answered here. */
  serve(): void {
    const { http, requests, refusalOf } = this.post;
    for (const request of requests) {
      const { id } = request;
      const refusal = request instanceof ParseFailure ? request.error : refusalOf(request.id);
      if (refusal !== undefined) this.answered({ id, outcome: refusal });
      // A cancelled request has no answer, and the others of its batch do not wait for one.
      else if (http.takeEarlyCancel(request.id!)) this.answered(undefined);
      else this.#begin(request as RequestMessage);
    }
  }

  /** The stream of this reply, which begins when it is first needed. */
  stream(): ResumableStream {
    if (this.#stream !== undefined) return this.#stream;
    this.#stopTimer?.();
    const { http, requests, who: reader } = this.post;
    const { clock, limits } = this.options;
    const owed = requests.map(({ id }) => id).filter((id) => id !== undefined);
    const stream = (this.#stream = http.streams.answer(owed));
    stream.writeFor(this);
    if (!this.#wire.vanished) {
      stream.open((onVanish) => openSse(this.#wire, { clock, limits, onVanish, reader }));
    }
    for (const { id, outcome } of this.#answers ?? []) stream.answer(id, textOf(id, outcome));
    this.#answers = undefined;
    return stream;
  }

  /** The one error of a request that has a status of its own: clients look for it there. */
  refuse(error: McpError, id: RequestId): boolean {
    const isAlone = !this.post.isBatch && this.#stream === undefined;
    if (error.kind !== 'insufficientScope' || !isAlone) return false;
    this.#over();
    sendError(this.#wire, error, id);
    return true;
  }

  answered(answer: Answer | undefined): void {
    this.#open--;
    if (answer !== undefined) {
      if (this.#stream === undefined) (this.#answers ??= []).push(answer);
      else this.#stream.answer(answer.id, textOf(answer.id, answer.outcome));
    }
    if (this.#open > 0) return;
    this.#over();
    if (this.#stream === undefined && this.#answers !== undefined) {
      // In a session the status speaks of the session (404: it has ended), never of the request.
      this.#wire.send(200, jsonHeaders, bodyOf(this.#answers, this.post.isBatch));
    } else {
      this.stream().finish();
    }
  }

  #begin(request: RequestMessage): void {
    const { http } = this.post;
    const part = new Part(this, request.id);
    (this.#parts ??= []).push(part);
    part.work.start((asked, io) => http.session.serve(asked, io), request);
    if (part.flight.ending === undefined) http.flights.add(part);
  }

  /** A reply that takes long must have an id to come back to before its connection is cut. */
  #commitLater(): void {
    if (this.#open <= 0 || this.#stream !== undefined) return;
    const { clock, limits } = this.options;
    const restMs = this.#begunAt + limits.legacyHeadCommitMs - clock.now();
    if (restMs <= 0) this.stream();
    else this.#stopTimer = clock.after(restMs, () => this.stream());
  }

  #over(): void {
    this.#open = 0;
    this.#stopTimer?.();
  }

  hasReader(isThere: boolean): void {
    for (const part of this.#parts ?? []) {
      if (isThere) part.work.attach(part);
      else part.work.detach();
    }
  }
}

const callersOfSessions = { protocolVersion: '', capabilities: {} } as const;

/** The part of a reply that belongs to one request, and what its work has to know. */
class Part implements Reader, WorkOptions, SessionFlight {
  readonly id: RequestId;
  readonly peer: Peer;
  readonly work: Work;
  readonly #reply: LegacyReply;

  constructor(reply: LegacyReply, id: RequestId) {
    this.id = id;
    this.#reply = reply;
    this.peer = { principal: reply.post.who, ...callersOfSessions };
    this.work = createWork(this, this);
  }

  get flight(): Flight {
    return this.work.flight;
  }

  get clock(): Clock {
    return this.#reply.options.clock;
  }

  get group(): Running {
    return this.#reply.options.calls;
  }

  get callMs(): number {
    return this.#reply.options.limits.serverCallMs;
  }

  get whenDetached(): { readonly keepMs: number } {
    // As long as its events are kept a reader may come back for them.
    return { keepMs: this.#reply.options.limits.eventTtlMs };
  }

  get noticesMax(): number {
    return 0;
  }

  get ask(): Exchange {
    const reply = this.#reply;
    return (request, io) => reply.post.http.ask(request, io, () => reply.stream());
  }

  get detach(): Io['detach'] {
    return ({ retryMs }) => this.#reply.stream().detach(retryMs);
  }

  onEnd(): void {
    const { http } = this.#reply.post;
    http.flights.delete(this.id);
    http.lastSeenAt = this.clock.now();
  }

  emit(notification: Notification): void | Promise<void> {
    return this.#reply.stream().append(encodeNotification(notification), keptNotice);
  }

  settle(outcome: Result | McpError): void {
    if (outcome instanceof McpError && this.#reply.refuse(outcome, this.id)) return;
    this.#reply.answered({ id: this.id, outcome });
  }

  abandon(): void {
    this.#reply.answered(undefined);
  }
}

function textOf(id: RequestId | undefined, outcome: Result | McpError): string {
  if (id !== undefined) return encodeAnswer(id, outcome);
  return encodeError(id, McpError.from(outcome));
}

function bodyOf(answers: readonly Answer[], isBatch: boolean): WireBody {
  if (isBatch) return `[${answers.map(({ id, outcome }) => textOf(id, outcome)).join(',')}]`;
  const [{ id, outcome }] = answers as [Answer];
  const shared =
    id === undefined || outcome instanceof McpError ? undefined : encodeShared(id, outcome);
  return shared ?? textOf(id, outcome);
}
