import {
  type LegacySession,
  openSession,
  type OpenSessionOptions,
  resumeSession,
} from '../../eras/legacy/session.js';
import type { SessionRecord } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import type { Places } from '../../engine/places.js';
import type { Principal, Request, Result, Served } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import { digest } from '../../platform/digest.js';
import type { Platform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import type { EventStore } from '../../stores/event-store.js';
import type { SessionStore, StoredSession } from '../../stores/session-store.js';
import { createHttpSession, type HttpSession } from './http-session.js';
import { orReport } from './resume.js';

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

/** The sessions of one endpoint. */
export interface Sessions {
  open(request: Request, principal: Principal): Promise<{ http: HttpSession; welcome: Result }>;
  /** Undefined for unknown, ended and other people's sessions, without a difference. */
  find(id: string, principal: Principal): HttpSession | undefined;
  /** One that is kept in the store, and not at work here yet. */
  revive(id: string, principal: Principal): Promise<HttpSession | undefined>;
  /** Ends one for good; resolves when the store has forgotten it. */
  end(http: HttpSession): Promise<void>;
  /** Stops all of them here. What the store keeps can go on elsewhere. */
  stopAll(): void;
  /**
   * Lets `count` readers of GET go, who may come back later: those first to which nothing was sent
   * for longest. Returns how many there were.
   */
  letGo(count: number): number;
  readonly size: number;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { served, limits, platform, places, sessionStore, eventStore, onFault } = options;
  const { clock, random } = platform;
  const owner = toBase64Url(random.bytes(16));
  const live = new Map<string, HttpSession>();
  const reviving = new Map<string, Promise<HttpSession | undefined>>();
  const ending = new Set<string>();
  /** The last that the store was told of each, until it has taken it. */
  const saving = new WeakMap<HttpSession, Promise<void>>();
  let hasStopped = false;
  let stopSweep: (() => void) | undefined;

  /** What the store is needed for cannot be done without it, and may be tried again. */
  const orUnavailable = async <T>(step: () => T | Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (cause) {
      onFault(cause);
      throw new McpError('unavailable', 'Sessions cannot be kept just now; try again', { cause });
    }
  };
  const stop = (http: HttpSession, isForGood: boolean): boolean => {
    if (!live.delete(http.id)) return false;
    places.leave(http.openedBy);
    http.stop(isForGood);
    if (live.size > 0) return true;
    stopSweep?.();
    stopSweep = undefined;
    return true;
  };
  const end = async (http: HttpSession): Promise<void> => {
    if (!stop(http, true)) return;
    const principal = http.session.principal.id;
    // A store that takes its time must not bring back what has ended.
    ending.add(http.id);
    try {
      await saving.get(http);
      await orReport(() => sessionStore.delete(principal, http.hash), onFault);
      await orReport(() => eventStore.forgetSession(principal, http.hash), onFault);
    } finally {
      ending.delete(http.id);
    }
  };
  const isOver = (http: HttpSession): boolean => {
    const now = clock.now();
    // One with work or a reader is not idle.
    const stored = http.isAtWork ? { ...storedOf(http), lastSeenAt: now } : storedOf(http);
    return isOld(stored, http.session.principal, now, limits);
  };
  const sweep = (): void => {
    stopSweep ??= clock.after(limits.sweepMs, () => {
      stopSweep = undefined;
      for (const http of [...live.values()]) {
        if (isOver(http)) void end(http);
        else if (http.lastSeenAt - http.savedAt >= limits.sessionSaveMs) {
          void save(http).catch(() => undefined);
        }
      }
      if (live.size > 0) sweep();
    });
  };
  const save = async (http: HttpSession): Promise<void> => {
    if (live.get(http.id) !== http) return;
    http.savedAt = http.lastSeenAt;
    const saved = orUnavailable(() => sessionStore.put(storedOf(http)));
    const settled = saved.then(nothing, nothing);
    saving.set(http, settled);
    await saved;
  };
  /** What a session at work needs; it is saved whenever it changes. */
  const openingFor = (
    principal: Principal,
    self: () => HttpSession | undefined,
  ): OpenSessionOptions => {
    let lastQuestion = 0;
    return {
      ...{ served, principal, limits, clock },
      // Unlike those that another endpoint may have asked in this session.
      nextId: () => `${owner}.${++lastQuestion}`,
      async onChange() {
        const http = self();
        if (http !== undefined) await save(http);
      },
    };
  };
  const add = (
    id: string,
    hash: string,
    createdAt: number,
    session: LegacySession,
  ): HttpSession => {
    const openedBy = session.principal;
    const about = { id, hash, openedBy, createdAt, session };
    const http = createHttpSession({ ...about, limits, platform, eventStore, owner, onFault });
    live.set(id, http);
    sweep();
    return http;
  };
  const revive = async (id: string, principal: Principal): Promise<HttpSession | undefined> => {
    const hash = await hashOf(id);
    const stored = await orUnavailable(() => sessionStore.get(principal.id, hash));
    if (stored === undefined || isOld(stored, principal, clock.now(), limits)) return undefined;
    // It may have ended, or all of them, while the store was asked.
    if (hasStopped || ending.has(id)) return undefined;
    places.take(principal);
    const record = structuredClone(stored.record) as SessionRecord;
    const session = resumeSession(
      record,
      openingFor(principal, () => http),
    );
    const http = add(id, hash, stored.createdAt, session);
    return http;
  };

  return {
    async open(request, principal) {
      // Those that are still being opened count: they may all have come at once.
      places.take(principal);
      let http: HttpSession | undefined;
      try {
        const id = toBase64Url(random.bytes(32));
        const hash = await hashOf(id);
        const opening = openingFor(principal, () => http);
        const { session, welcome } = await openSession(request, opening);
        const createdAt = clock.now();
        // Nobody is told its id unless it is kept.
        http = add(id, hash, createdAt, session);
        await save(http);
        return { http, welcome };
      } catch (thrown) {
        if (http === undefined) places.leave(principal);
        else await end(http);
        throw thrown;
      }
    },
    find(id, principal) {
      const http = live.get(id);
      if (http === undefined || http.session.principal.id !== principal.id) return undefined;
      http.session.renew(principal);
      if (isOver(http)) {
        void end(http);
        return undefined;
      }
      http.lastSeenAt = clock.now();
      return http;
    },
    revive(id, principal) {
      // Whoever asks for a session at work is somebody else, or it has just ended.
      if (!isSessionId.test(id) || live.has(id) || ending.has(id) || hasStopped) {
        return Promise.resolve(undefined);
      }
      const key = `${principal.id} ${id}`;
      let revived = reviving.get(key);
      if (revived === undefined) {
        revived = revive(id, principal).finally(() => reviving.delete(key));
        reviving.set(key, revived);
      }
      return revived;
    },
    end,
    stopAll() {
      hasStopped = true;
      for (const http of [...live.values()]) stop(http, false);
    },
    letGo(count) {
      const readers = [...live.values()]
        .map(({ announced }) => announced?.reader)
        .filter((reader) => reader !== undefined)
        .sort((one, other) => one.acceptedAt - other.acceptedAt)
        .slice(0, count);
      for (const reader of readers) reader.end();
      return readers.length;
    },
    get size() {
      return live.size;
    },
  };
}

const nothing = (): void => undefined;

/** What `toBase64Url` makes of 32 bytes. */
const isSessionId = /^[\w-]{43}$/;

async function hashOf(id: string): Promise<string> {
  const hash = await digest(id);
  if (hash === undefined) throw new TypeError('Sessions need Web Crypto (crypto.subtle)');
  return hash;
}

function storedOf({ hash, openedBy, createdAt, lastSeenAt, session }: HttpSession): StoredSession {
  return { hash, principal: openedBy.id, createdAt, lastSeenAt, record: session.record };
}

/** Whether a session is past its time, however it is kept. */
function isOld(stored: StoredSession, principal: Principal, now: number, limits: Limits): boolean {
  const { createdAt, lastSeenAt, record } = stored;
  const { expiresAt = Infinity } = principal;
  // Nobody comes in with a token that is over; a client may still be fetching a new one.
  if (now > expiresAt + limits.sessionRenewMs) return true;
  if (now - createdAt > limits.sessionTotalMs) return true;
  const { initialized } = record as SessionRecord;
  if (!initialized) return now - createdAt > limits.sessionInitializeMs;
  return now - lastSeenAt > limits.sessionIdleMs;
}
