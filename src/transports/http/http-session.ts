import { createPending, type Pending } from '../../engine/pending.js';
import type { Flight } from '../../engine/flight.js';
import type { LegacySession } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { cancelledNotification } from '../../protocol/cancellation.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { EventStore } from '../../stores/event-store.js';
import { createEarlyCancels, type EarlyCancels } from './early-cancels.js';
import type { Kept } from './kept-session.js';
import type { ResumableStream } from './resume.js';
import { createSessionStreams, type SessionStreams } from './session-streams.js';

/** A legacy session over HTTP: the session itself, what runs in it here, its streams. */
export interface HttpSession {
  readonly id: string;
  /** What stores know it by. */
  readonly hash: string;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly session: LegacySession;
  readonly flights: Map<RequestId, Flight>;
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
  /** An Exchange that puts questions to the client on `stream`. */
  askOn(stream: () => ResumableStream): NonNullable<Flight['ask']>;
  /**
   * Nothing more happens here. `isOver`: nor anywhere else. Resolves when the last readers have
   * what was said.
   */
  stop(isOver: boolean): Promise<void>;
}

export interface HttpSessionOptions {
  readonly id: string;
  readonly hash: string;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly session: LegacySession;
  readonly kept: Kept;
  /** Whether readers can come back to its streams. Default: yes. */
  readonly isResumable?: boolean;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly events: EventStore;
  readonly cluster: Cluster;
  readonly onFault: (cause: unknown) => void;
  /** Events are lost for good: the session has to end. */
  readonly onGap: () => void;
}

export function createHttpSession(options: HttpSessionOptions): HttpSession {
  const { id, hash, openedBy, createdAt, session, limits, platform } = options;
  const questions = createPending(limits.questionsPendingMax);
  const flights = new Map<RequestId, Flight>();
  const streams = createSessionStreams({ ...options, standing: options.kept.record.standing });
  const now = platform.clock.now();

  return {
    id,
    hash,
    openedBy,
    createdAt,
    session,
    flights,
    earlyCancels: createEarlyCancels(limits, platform.clock),
    questions,
    streams,
    lastSeenAt: now,
    savedAt: now,
    kept: options.kept,
    get isAtWork() {
      return flights.size > 0 || streams.isRead;
    },
    askOn: (stream) => (request, io) =>
      questions.ask(request, io, {
        send: () => stream().append(encodeMessage({ jsonrpc: '2.0', ...request })),
        withdraw: (reason) =>
          void stream().append(
            encodeMessage({ jsonrpc: '2.0', ...cancelledNotification(request.id, reason) }),
          ),
      }),
    stop(isOver) {
      session.close();
      // What runs here and is not over for its client has an outcome that nobody knows.
      for (const flight of [...flights.values()]) flight.end(isOver ? 'cancelled' : 'shutDown');
      questions.fail(() => new McpError('cancelled', 'The session has ended'));
      return streams.stop(isOver);
    },
  };
}
