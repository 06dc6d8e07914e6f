import { createPending, type Pending } from '../../engine/pending.js';
import type { Places } from '../../engine/places.js';
import type { Flight } from '../../engine/flight.js';
import { type LegacySession, openSession } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import type { Principal, Request, Result, Served } from '../../exchange.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { cancelledNotification } from '../../protocol/cancellation.js';
import type { EventStore } from '../../stores/event-store.js';
import type { SessionStore } from '../../stores/session-store.js';
import { createEarlyCancels, type EarlyCancels } from './early-cancels.js';
import { orReport, ResumableStream } from './resume.js';
import { encodeMessage } from '../../json-rpc/encode.js';

export interface SessionsOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Each session takes one. */
  readonly places: Places;
  readonly sessionStore: SessionStore;
  readonly eventStore: EventStore;
  /** Told what a store threw where nobody waits for it. */
  readonly onFault: (cause: unknown) => void;
}

/** A legacy session over HTTP: the session itself, what runs in it, its streams. */
export interface HttpSession {
  readonly id: string;
  readonly openedBy: Principal;
  readonly session: LegacySession;
  readonly flights: Map<RequestId, Flight>;
  readonly earlyCancels: EarlyCancels;
  readonly questions: Pending;
  readonly streams: Map<string, ResumableStream>;
  /** The stream of GET, once a client has asked for it. */
  announced: ResumableStream | undefined;
  lastSeenAt: number;
  newStream(): ResumableStream;
  /** An Exchange that puts questions to the client on `stream`. */
  askOn(stream: () => ResumableStream): NonNullable<Flight['ask']>;
}

/** The sessions of one endpoint. */
export interface Sessions {
  open(request: Request, principal: Principal): Promise<{ http: HttpSession; welcome: Result }>;
  /** Undefined for unknown, ended and other people's sessions, without a difference. */
  find(id: string, principal: Principal): HttpSession | undefined;
  end(http: HttpSession): void;
  endAll(): void;
  /** Lets the readers of the `count` oldest streams of GET go, who may come back later. */
  letGo(count: number): void;
  readonly size: number;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { limits, platform, places, sessionStore, eventStore, onFault } = options;
  const { clock, random } = platform;
  const live = new Map<string, HttpSession & { readonly createdAt: number }>();
  let stopSweep: (() => void) | undefined;

  const end = (http: HttpSession): void => {
    if (!live.delete(http.id)) return;
    places.leave(http.openedBy);
    const principal = http.session.principal.id;
    http.session.close();
    for (const flight of [...http.flights.values()]) flight.end('cancelled');
    http.questions.fail(() => new McpError('cancelled', 'The session has ended'));
    http.announced?.finish();
    for (const stream of http.streams.values()) stream.finish();
    void orReport(() => eventStore.forgetSession(principal, http.id), onFault);
    void orReport(() => sessionStore.delete(principal, http.id), onFault);
    if (live.size > 0) return;
    stopSweep?.();
    stopSweep = undefined;
  };
  const isOver = (http: HttpSession & { readonly createdAt: number }): boolean => {
    const now = clock.now();
    const { expiresAt = Infinity } = http.session.principal;
    if (now > expiresAt || now - http.createdAt > limits.sessionTotalMs) return true;
    if (!http.session.record.initialized) return now - http.createdAt > limits.sessionInitializeMs;
    // A session with work or a reader is not idle.
    if (http.flights.size > 0 || http.announced?.reader !== undefined) return false;
    return now - http.lastSeenAt > limits.sessionIdleMs;
  };
  const sweep = (): void => {
    stopSweep ??= clock.after(limits.sweepMs, () => {
      stopSweep = undefined;
      for (const http of [...live.values()]) if (isOver(http)) end(http);
      if (live.size > 0) sweep();
    });
  };

  return {
    async open(request, principal) {
      // Those that are still being opened count: they may all have come at once.
      places.take(principal);
      const id = toBase64Url(random.bytes(32));
      let lastQuestion = 0;
      const nextId = (): number => ++lastQuestion;
      const opening = { served: options.served, principal, limits, clock, nextId };
      const opened = openSession(request, opening);
      opened.catch(() => places.leave(principal));
      const { session, welcome } = await opened;
      const http = createHttpSession(id, principal, session, options);
      const now = clock.now();
      live.set(id, Object.assign(http, { createdAt: now }));
      sweep();
      const { record } = session;
      try {
        const stored = { id, principal: principal.id, createdAt: now, lastSeenAt: now, record };
        await sessionStore.put(stored);
      } catch (thrown) {
        // Nobody is told its id.
        end(http);
        throw thrown;
      }
      return { http, welcome };
    },
    find(id, principal) {
      const http = live.get(id);
      if (http === undefined || http.session.principal.id !== principal.id) return undefined;
      http.session.renew(principal);
      if (isOver(http)) {
        end(http);
        return undefined;
      }
      http.lastSeenAt = clock.now();
      return http;
    },
    end,
    endAll() {
      for (const http of [...live.values()]) end(http);
    },
    letGo(count) {
      let left = count;
      for (const { announced } of live.values()) {
        if (left === 0) return;
        if (announced?.reader === undefined) continue;
        announced.reader.end();
        left--;
      }
    },
    get size() {
      return live.size;
    },
  };
}

function createHttpSession(
  id: string,
  openedBy: Principal,
  session: LegacySession,
  { limits, platform, eventStore, onFault }: SessionsOptions,
): HttpSession {
  const questions = createPending(limits.questionsPendingMax);
  const streams = new Map<string, ResumableStream>();
  let lastStream = 0;

  // Finished streams stay readable for a while; only so many are remembered.
  const forgetOldest = (): void => {
    for (const [name, stream] of streams) {
      if (streams.size < limits.streamsPerSessionMax * 8) return;
      if (!stream.isFinished) continue;
      streams.delete(name);
      stream.forget();
    }
  };

  return {
    id,
    openedBy,
    session,
    flights: new Map(),
    earlyCancels: createEarlyCancels(limits, platform.clock),
    questions,
    streams,
    announced: undefined,
    lastSeenAt: platform.clock.now(),
    newStream() {
      forgetOldest();
      const name = `s${++lastStream}`;
      const stream = new ResumableStream({
        key: { principal: session.principal.id, session: id, stream: name },
        store: eventStore,
        onFault,
        isPrimed: session.primesStreams,
        retryMs: limits.retryMs,
      });
      streams.set(name, stream);
      return stream;
    },
    askOn: (stream) => (request, io) =>
      questions.ask(request, io, {
        send: () => stream().append(encodeMessage({ jsonrpc: '2.0', ...request })),
        withdraw: (reason) =>
          void stream().append(
            encodeMessage({ jsonrpc: '2.0', ...cancelledNotification(request.id, reason) }),
          ),
      }),
  };
}
