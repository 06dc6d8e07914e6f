import { createPending, type Pending } from '../../engine/pending.js';
import type { Flight } from '../../engine/flight.js';
import type { LegacySession } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import { encodeError, encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { cancelledNotification } from '../../protocol/cancellation.js';
import type { EventStore, StreamState } from '../../stores/event-store.js';
import { createEarlyCancels, type EarlyCancels } from './early-cancels.js';
import { keptNotice, nameStream, ResumableStream } from './resume.js';

/** A legacy session over HTTP: the session itself, what runs in it, its streams. */
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
  /** The stream of GET, once a client has asked for it. */
  readonly announced: ResumableStream | undefined;
  lastSeenAt: number;
  /** Which `lastSeenAt` the store knows. */
  savedAt: number;
  /** Whether something runs or is read. */
  readonly isAtWork: boolean;
  /** A stream for the answers to `owed`, or without them for unsolicited notices. */
  newStream(owed?: readonly RequestId[]): ResumableStream;
  /** The stream of that name, also one that an endpoint which is gone has begun. */
  findStream(name: string): ResumableStream | undefined | Promise<ResumableStream | undefined>;
  /** Unsolicited notices go to `stream` from now on. */
  announceOn(stream: ResumableStream): void;
  /** An Exchange that puts questions to the client on `stream`. */
  askOn(stream: () => ResumableStream): NonNullable<Flight['ask']>;
  /** Nothing more happens here. `isOver`: nor anywhere else. */
  stop(isOver: boolean): void;
}

export interface HttpSessionOptions {
  readonly id: string;
  readonly hash: string;
  readonly openedBy: Principal;
  readonly createdAt: number;
  readonly session: LegacySession;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly eventStore: EventStore;
  /** The endpoint, as stores know it. */
  readonly owner: string;
  readonly onFault: (cause: unknown) => void;
}

export function createHttpSession(options: HttpSessionOptions): HttpSession {
  const { id, hash, openedBy, createdAt, session, limits, platform, owner } = options;
  const { eventStore: store, onFault } = options;
  const questions = createPending(limits.questionsPendingMax);
  const flights = new Map<RequestId, Flight>();
  const streams = new Map<string, ResumableStream>();
  const restoring = new Map<string, Promise<ResumableStream | undefined>>();
  let announced: ResumableStream | undefined;
  const now = platform.clock.now();

  // Finished streams stay readable for a while; only so many are remembered.
  const forgetOldest = (): void => {
    for (const [name, stream] of streams) {
      if (streams.size < limits.streamsKeptPerSessionMax) return;
      if (!stream.isFinished) continue;
      streams.delete(name);
      stream.forget();
    }
  };
  const openStream = (name: string, from?: StreamState): ResumableStream => {
    forgetOldest();
    const stream = new ResumableStream({
      key: { principal: session.principal.id, session: hash, stream: name },
      store,
      onFault,
      isPrimed: session.primesStreams,
      retryMs: limits.retryMs,
      ...(from === undefined ? {} : { from }),
    });
    streams.set(name, stream);
    return stream;
  };
  const announceOn = (stream: ResumableStream): void => {
    if (announced !== undefined) return;
    announced = stream;
    session.announce.start((notice) =>
      stream.append(encodeMessage({ jsonrpc: '2.0', ...notice }), keptNotice),
    );
  };
  /** Takes over a stream whose writer is gone: what it still owed, nobody knows any more. */
  const restore = async (name: string): Promise<ResumableStream | undefined> => {
    const key = { principal: session.principal.id, session: hash, stream: name };
    const state = await store.state(key);
    if (state === undefined) return undefined;
    if (!state.isFinished && !(await store.claim(key, state.owner, owner))) {
      throw new McpError('unavailable', 'Another node is taking this stream over; try again');
    }
    const stream = openStream(name, state);
    if (state.isFinished) return stream;
    if (state.purpose === 'notices' && announced === undefined) {
      announceOn(stream);
      return stream;
    }
    for (const request of state.owed) stream.answer(request, encodeError(request, lost()));
    // Nothing more comes on it; nor on a stream of notices that another has taken the place of.
    stream.finish();
    return stream;
  };

  return {
    id,
    hash,
    openedBy,
    createdAt,
    session,
    flights,
    earlyCancels: createEarlyCancels(limits, platform.clock),
    questions,
    get announced() {
      return announced;
    },
    lastSeenAt: now,
    savedAt: now,
    get isAtWork() {
      return flights.size > 0 || announced?.reader !== undefined;
    },
    newStream(owed) {
      const stream = openStream(nameStream(platform.random));
      const purpose = owed === undefined ? 'notices' : 'answers';
      stream.begin({ owner, purpose, owed: owed ?? [] });
      return stream;
    },
    findStream(name) {
      const here = streams.get(name) ?? restoring.get(name);
      if (here !== undefined) return here;
      const restored = restore(name).finally(() => restoring.delete(name));
      restoring.set(name, restored);
      return restored;
    },
    announceOn,
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
      for (const flight of [...flights.values()]) flight.end('cancelled');
      questions.fail(() => new McpError('cancelled', 'The session has ended'));
      for (const stream of streams.values()) {
        // Whoever comes back elsewhere goes on with it there.
        if (isOver) stream.finish();
        else stream.letGo();
      }
    },
  };
}

function lost(): McpError {
  return new McpError('outcomeUnknown', 'The server stopped while it worked on this request');
}
