import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
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

/** Sessions in this process only. */
export function memorySessions(): SessionStore {
  const sessions = new Map<string, StoredSession>();
  const perCaller = new Map<string, Set<string>>();
  const forget = ({ hash, countedAs = '' }: StoredSession): void => {
    sessions.delete(hash);
    const theirs = perCaller.get(countedAs);
    theirs?.delete(hash);
    if (theirs?.size === 0) perCaller.delete(countedAs);
  };
  const forgetOld = (hashes: Iterable<string>, seenSince: number): void => {
    for (const hash of [...hashes]) {
      const session = sessions.get(hash);
      if (session !== undefined && session.lastSeenAt < seenSince) forget(session);
    }
  };
  const find = (principal: string, hash: string): StoredSession | undefined => {
    const session = sessions.get(hash);
    return session?.principal === principal ? session : undefined;
  };
  return {
    isShared: false,
    add(session, { max, perCallerMax, seenSince }) {
      const { hash, countedAs = '' } = session;
      if (sessions.size >= max) forgetOld(sessions.keys(), seenSince);
      if (sessions.size >= max) return 'full';
      const theirs = perCaller.get(countedAs) ?? new Set();
      if (countedAs !== '' && theirs.size >= perCallerMax) forgetOld(theirs, seenSince);
      if (countedAs !== '' && theirs.size >= perCallerMax) return 'callerIsFull';
      sessions.set(hash, session);
      perCaller.set(countedAs, theirs.add(hash));
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
    delete(principal, hash) {
      const session = find(principal, hash);
      if (session !== undefined) forget(session);
    },
  };
}
