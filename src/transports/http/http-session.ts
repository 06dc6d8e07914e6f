import { createPending, type Pending } from '../../engine/pending.js';
import type { Flight } from '../../engine/flight.js';
import { IdTable } from '../../engine/id-table.js';
import { InOrder } from '../../engine/in-order.js';
import type { LegacySession } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import type { Io, Principal, Request, Result } from '../../exchange.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import { cancelledNotification } from '../../protocol/cancellation.js';
import { createEarlyCancels, type EarlyCancels } from './early-cancels.js';
import type { Kept } from './kept-session.js';
import type { ResumableStream } from './resume.js';
import { createSessionStreams } from './session-streams.js';
import type { SessionStreams, Streaming, StreamsOptions } from './streams.js';

/** One request that runs in a session here. */
export interface SessionFlight {
  readonly id: RequestId;
  readonly flight: Flight;
}

/** A legacy session over HTTP: the session itself, what runs in it here, its streams. */
export interface HttpSession {
  readonly id: string;
  /** What stores know it by. */
  readonly hash: string;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly session: LegacySession;
  readonly flights: IdTable<SessionFlight>;
  readonly earlyCancels: EarlyCancels;
  readonly questions: Pending;
  readonly streams: SessionStreams;
  lastSeenAt: number;
  /** Which `lastSeenAt` the store knows. */
  savedAt: number;
  /** What the store has of it, as far as is known here. */
  kept: Kept;
  /** Whether something runs or is read here. */
  readonly isAtWork: boolean;
  /** Runs what keeps it, one step after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T>;
  /** Whether the request that comes now was cancelled before. Told once. */
  takeEarlyCancel(id: RequestId): boolean;
  /** Puts a question to the client on `stream`. */
  ask(request: Request, io: Io, stream: () => ResumableStream): Promise<Result>;
  /**
   * Nothing more happens here. `isOver`: nor anywhere else. Resolves when the last readers have
   * what was said.
   */
  stop(isOver: boolean): Promise<void>;
}

/** What makes one session. */
export interface HttpSessionParts {
  readonly id: string;
  readonly hash: string;
  readonly session: LegacySession;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly kept: Kept;
}

/** What all sessions of an endpoint have in common. */
export interface HttpSessionOptions extends StreamsOptions {
  /** Events are lost for good: the session has to end. */
  readonly onGap: (http: HttpSession) => void;
}

export function createHttpSession(
  parts: HttpSessionParts,
  shared: HttpSessionOptions,
): HttpSession {
  return new SessionHere(parts, shared);
}

// Small, because a server holds many that do nothing: what is rarely needed is made when it is.
class SessionHere implements HttpSession, Streaming {
  readonly id: string;
  readonly hash: string;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly session: LegacySession;
  readonly streams: SessionStreams;
  lastSeenAt: number;
  savedAt: number;
  kept: Kept;
  readonly #shared: HttpSessionOptions;
  #flights: IdTable<SessionFlight> | undefined;
  #earlyCancels: EarlyCancels | undefined;
  #questions: Pending | undefined;
  #turns: InOrder | undefined;

  constructor(parts: HttpSessionParts, shared: HttpSessionOptions) {
    this.id = parts.id;
    this.hash = parts.hash;
    this.openedBy = parts.openedBy;
    this.createdAt = parts.createdAt;
    this.session = parts.session;
    this.kept = parts.kept;
    this.lastSeenAt = this.savedAt = shared.platform.clock.now();
    this.#shared = shared;
    this.streams = createSessionStreams(shared, this, parts.kept.record.standing);
  }

  get flights(): IdTable<SessionFlight> {
    return (this.#flights ??= new IdTable());
  }

  get earlyCancels(): EarlyCancels {
    const { limits, platform } = this.#shared;
    return (this.#earlyCancels ??= createEarlyCancels(limits, platform.clock));
  }

  get questions(): Pending {
    return (this.#questions ??= createPending(this.#shared.limits.questionsPendingMax));
  }

  get isAtWork(): boolean {
    return (this.#flights?.size ?? 0) > 0 || this.streams.isRead;
  }

  inTurn<T>(step: () => Promise<T>): Promise<T> {
    return (this.#turns ??= new InOrder()).run(step);
  }

  onGap(): void {
    this.#shared.onGap(this);
  }

  takeEarlyCancel(id: RequestId): boolean {
    return this.#earlyCancels?.take(id) === true;
  }

  ask(request: Request, io: Io, stream: () => ResumableStream): Promise<Result> {
    return this.questions.ask(request, io, {
      send: () => stream().append(encodeMessage({ jsonrpc: '2.0', ...request })),
      withdraw: (reason) =>
        void stream().append(
          encodeMessage({ jsonrpc: '2.0', ...cancelledNotification(request.id, reason) }),
        ),
    });
  }

  stop(isOver: boolean): Promise<void> {
    this.session.close();
    // What runs here and is not over for its client has an outcome that nobody knows.
    const ending = isOver ? 'cancelled' : 'shutDown';
    for (const { flight } of this.#flights?.values() ?? []) flight.end(ending);
    this.#questions?.fail(() => new McpError('cancelled', 'The session has ended'));
    return this.streams.stop(isOver);
  }
}
