import { pause } from '../../engine/back-off.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { SessionStore } from '../../stores/session-store.js';
import type { HttpSession } from './http-session.js';

/** What is needed to find out how sessions stand, where that is in doubt. */
export interface DoubtOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly store: SessionStore;
  /** The sessions that are at work here. */
  readonly live: () => readonly HttpSession[];
  readonly end: (http: HttpSession) => Promise<void>;
  /** Makes one what is kept of it; undefined where that is over. */
  readonly refresh: (http: HttpSession) => Promise<HttpSession | undefined>;
}

/**
 * Looks again for what another node has changed, once the store answers. What was missed meanwhile
 * may concern anything that is listened to since.
 */
export function refreshLate(http: HttpSession, options: DoubtOptions): boolean {
  const { limits, clock, live, refresh } = options;
  const again = async (attempt: number): Promise<void> => {
    if (!live().includes(http) || attempt > limits.storeComparesMax) return;
    try {
      if ((await refresh(http)) === undefined) return;
    } catch {
      clock.after(limits.storeRetryMs, () => void again(attempt + 1));
      return;
    }
    const { announce } = http.session;
    for (const notice of await announce.everything()) announce.tell(notice);
  };
  clock.after(limits.storeRetryMs, () => void again(1));
  return false;
}

/** A store that was exchanged for another may know less than was promised: such sessions end. */
export async function compareAll(options: DoubtOptions): Promise<void> {
  const { limits, clock, store, live, end } = options;
  const compare = async (http: HttpSession): Promise<void> => {
    const stored = await store.get(http.openedBy.id, http.hash);
    const isKept = stored !== undefined && stored.version >= http.kept.version;
    if (!isKept || !(await http.streams.isWhole())) await end(http);
  };
  let rest = live();
  for (let attempt = 0; rest.length > 0 && attempt < limits.storeComparesMax; attempt++) {
    const failed: HttpSession[] = [];
    for (const http of rest) await compare(http).catch(() => failed.push(http));
    const here = new Set(live());
    rest = failed.filter((http) => here.has(http));
    // It was exchanged a moment ago, and may be away once more.
    if (rest.length > 0) await pause(clock, limits.storeRetryMs);
  }
  await Promise.all(rest.map(end));
}
