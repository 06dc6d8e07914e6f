import { pause } from '../../engine/back-off.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { SessionStore } from '../../stores/session-store.js';
import type { HttpSession } from './http-session.js';
import { topics } from './session-news.js';

/** What is needed to find out how sessions stand, where that is in doubt. */
export interface DoubtOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly store: SessionStore;
  readonly cluster: Cluster;
  /** The sessions that are at work here, by id. */
  readonly live: ReadonlyMap<string, HttpSession>;
  readonly end: (http: HttpSession) => Promise<void>;
  /** Makes one what is kept of it; undefined where that is over. */
  readonly refresh: (http: HttpSession, isInTime?: boolean) => Promise<HttpSession | undefined>;
}

export interface Doubts {
  /**
   * Looks for what another node has changed in a session. Where the store does not answer, it looks
   * again later, and in the end lets the reader of GET go: who comes back is told of everything.
   */
  look(http: HttpSession, isInTime: boolean): Promise<boolean>;
  /** Something was missed: looks for what other nodes have changed in all that are read here. */
  lookAtAll(): void;
  /** A store that was exchanged for another may know less than was promised: such sessions end. */
  compareAll(): Promise<void>;
}

export function createDoubts(options: DoubtOptions): Doubts {
  const { limits, clock, cluster, store, live, end, refresh } = options;
  /** How often each could not be looked at. */
  const late = new Map<HttpSession, number>();
  let isLooking = false;

  const isLive = (http: HttpSession): boolean => live.get(http.id) === http;
  /** One after the other: what has failed is tried again behind the others, after a while. */
  const lookAtLate = async (): Promise<void> => {
    for (const [http, failures] of late) {
      late.delete(http);
      if (!isLive(http)) continue;
      try {
        await refresh(http);
      } catch {
        if (failures >= limits.storeComparesMax) http.streams.announced?.lose();
        else late.set(http, failures + 1);
        await pause(clock, limits.storeRetryMs);
      }
    }
    isLooking = false;
  };
  const lookLater = (http: HttpSession): void => {
    if (!late.has(http)) late.set(http, 0);
    if (isLooking) return;
    isLooking = true;
    void lookAtLate();
  };
  const compare = async (http: HttpSession): Promise<void> => {
    const stored = await store.get(http.openedBy.id, http.hash);
    const isKept = stored !== undefined && stored.version >= http.kept.version;
    if (!isKept || !(await http.streams.isWhole())) await end(http);
  };

  return {
    look: (http, isInTime) =>
      refresh(http, isInTime).then(Boolean, () => {
        lookLater(http);
        return false;
      }),
    lookAtAll() {
      const lately = clock.now() - limits.clusterMissedMs;
      for (const http of live.values()) {
        const { announced, lostAt = -Infinity } = http.streams;
        if (announced !== undefined) lookLater(http);
        // Another one tells of it now, and does not know what was missed here.
        else if (lostAt > lately) cluster.tell(topics.missed, { session: http.hash });
      }
    },
    async compareAll() {
      let rest = [...live.values()];
      for (let attempt = 0; rest.length > 0 && attempt < limits.storeComparesMax; attempt++) {
        const failed: HttpSession[] = [];
        for (const http of rest) await compare(http).catch(() => failed.push(http));
        rest = failed.filter(isLive);
        // It was exchanged a moment ago, and may be away once more.
        if (rest.length > 0) await pause(clock, limits.storeRetryMs);
      }
      await Promise.all(rest.map(end));
    },
  };
}
