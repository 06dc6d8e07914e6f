import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { repeat } from '../platform/repeat.js';
import { memoryEvents } from './memory-events.js';
import { memoryKept } from './memory-kept.js';
import { memoryRates } from './memory-rates.js';
import type { ServerStore } from './server-store.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** All in this process only, as long as it lives. */
export function memoryStore(limits: Limits, platform: Platform): ServerStore {
  const { clock } = platform;
  return {
    sessions: memorySessions(),
    events: memoryEvents(limits, clock),
    rates: memoryRates(limits.rateKeysMax, clock),
    ...memoryKept(platform),
    close: () => Promise.resolve(),
  };
}

/**
 * The same for several processes, which one of them serves: none of them knows when a session is
 * over for all, so that they are forgotten here in their time.
 */
export function sharedMemoryStore(limits: Limits, platform: Platform): ServerStore {
  const store = memoryStore(limits, platform);
  const { clock } = platform;
  const sessions = memorySessions();
  const forgetOver = (): void => {
    const now = clock.now();
    const gone = sessions.forgetOld({
      createdSince: now - limits.sessionTotalMs,
      // Nodes tell of the last use now and then only.
      seenSince: now - limits.sessionIdleMs - limits.sessionSaveMs,
    });
    for (const { principal, hash } of gone) void store.events.forgetSession(principal, hash);
  };
  const stop = repeat(clock, limits.sessionSaveMs, forgetOver);
  return {
    ...store,
    sessions: { ...sessions, isShared: true },
    close() {
      stop();
      return store.close();
    },
  };
}

interface Times {
  readonly createdSince: number;
  readonly seenSince: number;
}

export interface MemorySessions extends SessionStore {
  /** Forgets those that began, or were seen last, before that; tells which. */
  forgetOld(times: Times): readonly StoredSession[];
}

/** Sessions in this process only. */
export function memorySessions(): MemorySessions {
  const sessions = new Map<string, StoredSession>();
  const perCaller = new Map<string, Set<string>>();
  const forget = ({ hash, countedAs }: StoredSession): void => {
    sessions.delete(hash);
    if (countedAs === undefined) return;
    const theirs = perCaller.get(countedAs);
    theirs?.delete(hash);
    if (theirs?.size === 0) perCaller.delete(countedAs);
  };
  const forgetOld = (
    hashes: Iterable<string>,
    { createdSince, seenSince }: Times,
  ): readonly StoredSession[] => {
    const old = [...hashes].flatMap((hash) => {
      const session = sessions.get(hash);
      const isOld =
        session !== undefined &&
        (session.createdAt < createdSince || session.lastSeenAt < seenSince);
      return isOld ? [session] : [];
    });
    for (const session of old) forget(session);
    return old;
  };
  const find = (principal: string, hash: string): StoredSession | undefined => {
    const session = sessions.get(hash);
    return session?.principal === principal ? session : undefined;
  };
  return {
    isShared: false,
    add(session, { max, perCallerMax, seenSince }) {
      const { hash, countedAs } = session;
      const times = { createdSince: -Infinity, seenSince };
      if (sessions.size >= max) forgetOld(sessions.keys(), times);
      if (sessions.size >= max) return 'full';
      if (countedAs !== undefined) {
        const theirs = perCaller.get(countedAs) ?? new Set();
        if (theirs.size >= perCallerMax) forgetOld(theirs, times);
        if (theirs.size >= perCallerMax) return 'callerIsFull';
        perCaller.set(countedAs, theirs.add(hash));
      }
      sessions.set(hash, session);
      return 'added';
    },
    replace(session) {
      if (find(session.principal, session.hash)?.version !== session.version - 1) return false;
      sessions.set(session.hash, session);
      return true;
    },
    touch(principal, hash, lastSeenAt) {
      const session = find(principal, hash);
      if (session === undefined || session.lastSeenAt >= lastSeenAt) return;
      sessions.set(hash, { ...session, lastSeenAt });
    },
    get: find,
    forgetOld: (times) => forgetOld(sessions.keys(), times),
    delete(principal, hash) {
      const session = find(principal, hash);
      if (session !== undefined) forget(session);
    },
  };
}
