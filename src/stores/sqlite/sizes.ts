import { sessionKey } from '../session-key.js';

/** How many bytes of events there are: of all, and of each session that has just said something. */
export interface Sizes {
  readonly all: number;
  ofSession(principal: string, session: string): number;
  change(principal: string, session: string, by: number): void;
  /** Forgets what it knows; it is read again when somebody asks. */
  reset(): void;
}

export interface SizesOptions {
  readonly readAll: () => number;
  readonly readSession: (principal: string, session: string) => number;
  /** Of how many sessions it remembers the size. */
  readonly sessionsMax: number;
}

export function createSizes({ readAll, readSession, sessionsMax }: SizesOptions): Sizes {
  const sessions = new Map<string, number>();
  let all: number | undefined;

  return {
    get all() {
      return (all ??= readAll());
    },
    ofSession(principal, session) {
      const key = sessionKey(principal, session);
      let size = sessions.get(key);
      if (size === undefined) {
        if (sessions.size >= sessionsMax) sessions.clear();
        sessions.set(key, (size = readSession(principal, session)));
      }
      return size;
    },
    change(principal, session, by) {
      if (by === 0) return;
      if (all !== undefined) all += by;
      const key = sessionKey(principal, session);
      const size = sessions.get(key);
      if (size !== undefined) sessions.set(key, size + by);
    },
    reset() {
      all = undefined;
      sessions.clear();
    },
  };
}
