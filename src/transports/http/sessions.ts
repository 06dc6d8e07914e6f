import { openSession, resumeSession } from '../../eras/legacy/session.js';
import type { LegacySession } from '../../eras/legacy/session.js';
import { copyRecord, type SessionRecord } from '../../eras/legacy/session-record.js';
import { McpError } from '../../errors.js';
import type { Places } from '../../engine/places.js';
import type { Principal, Request, Result, Served } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { isPromised } from '../../platform/when.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { EventStore } from '../../stores/event-store.js';
import type { SessionStore } from '../../stores/session-store.js';
import { createHttpSession, type HttpSession, type HttpSessionOptions } from './http-session.js';
import { isOld, type Kept, keepChange, keptOf, storedOf, takeKept } from './kept-session.js';
import { Opening, type Surroundings } from './session-opening.js';
import { orReport, orUnavailableTelling } from './store-faults.js';
import { sessionNotFound } from './session-errors.js';
import { createDoubts } from './session-doubts.js';
import { hashOf, isSessionId } from './session-ids.js';
import { hearSessionNews, questionId, topics } from './session-news.js';

export interface SessionsOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Each session at work here takes one. */
  readonly places: Places;
  /** How many sessions one caller may have, on all nodes together. */
  readonly perCallerMax: number;
  readonly sessions: SessionStore;
  readonly events: EventStore;
  readonly cluster: Cluster;
  /** Told what a store threw where nobody waits for it. */
  readonly onFault: (cause: unknown) => void;
}

type Found = HttpSession | undefined;

/** The sessions of one endpoint: those at work here, and whatever else the store keeps. */
export interface Sessions {
  open(request: Request, principal: Principal): Promise<{ http: HttpSession; welcome: Result }>;
  /** Undefined for unknown, ended and other people's sessions, without a difference. */
  find(id: string, principal: Principal): Found | Promise<Found>;
  /** Keeps what has changed in one. */
  save(http: HttpSession): Promise<void>;
  /** Ends one for good, whatever the store says. */
  end(http: HttpSession): Promise<void>;
  /** Ends one for good; rejects when the store cannot forget it. */
  delete(http: HttpSession): Promise<void>;
  /** Stops all of them here. What the store keeps can go on elsewhere. */
  stopAll(): Promise<void>;
  /** Lets all readers of GET go, where they can come back to another node. */
  moveReaders(): void;
  /**
   * Lets `count` readers of GET go, who may come back later: those first to which nothing was sent
   * for longest. Returns how many there were.
   */
  letGo(count: number): number;
  /** Whether anything is kept of them: else there is nothing to come back to, nor to end. */
  readonly areKept: boolean;
  /** Whether other nodes serve the same sessions. */
  readonly areShared: boolean;
  readonly size: number;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { limits, platform, places, sessions: store, events, cluster, onFault } = options;
  const { clock, random } = platform;
  const live = new Map<string, HttpSession>();
  const byHash = new Map<string, HttpSession>();
  // What another node says of times is by its own clock.
  const slackMs = store.isShared ? 2 * limits.tokenSkewMs : 0;
  const reviving = new Map<string, Promise<Found>>();
  const ending = new Set<string>();
  let hasStopped = false;
  let stopSweep: (() => void) | undefined;
  let questions = 0;

  const orUnavailable = orUnavailableTelling('Sessions cannot be kept', onFault);
  /** Undefined where it is not at work here (any more). */
  const stop = (http: HttpSession, isForGood: boolean): Promise<void> | undefined => {
    if (live.get(http.id) !== http) return undefined;
    live.delete(http.id);
    byHash.delete(http.hash);
    places.leave(http.openedBy);
    const stopped = http.stop(isForGood);
    if (live.size > 0) return stopped;
    stopSweep?.();
    stopSweep = undefined;
    return stopped;
  };
  /** `forgetting`: how the store is made to forget it. */
  const endBy = async (http: HttpSession, forgetting: () => Promise<void>): Promise<void> => {
    if (stop(http, true) === undefined) return;
    const principal = http.openedBy.id;
    // A store that takes its time must not bring back what has ended.
    ending.add(http.id);
    try {
      await forgetting();
      await orReport(() => events.forgetSession(principal, http.hash), onFault);
      cluster.tell(topics.ended, { session: http.hash });
    } finally {
      ending.delete(http.id);
    }
  };
  const end = (http: HttpSession): Promise<void> =>
    endBy(http, async () => orReport(() => store.delete(http.openedBy.id, http.hash), onFault));
  const isOver = (http: HttpSession): boolean => {
    const now = clock.now();
    // One with work or a reader is not idle.
    if (http.isAtWork) http.lastSeenAt = now;
    return isOld(http, http.session.record, http.session.principal, now - slackMs, limits);
  };
  const touch = (http: HttpSession): void => {
    http.savedAt = http.lastSeenAt;
    void orReport(() => store.touch(http.openedBy.id, http.hash, http.lastSeenAt), onFault);
  };
  const sweep = (): void => {
    stopSweep ??= clock.after(limits.sweepMs, () => {
      stopSweep = undefined;
      for (const http of [...live.values()]) {
        // Its token may have been renewed at another node. What runs has a time of its own.
        const runsOn = store.isShared && http.flights.size > 0;
        if (runsOn) seen(http);
        // It may be in use on another node; the store forgets it in its time.
        if (!runsOn && isOver(http)) void (store.isShared ? stop(http, false) : end(http));
        else if (http.lastSeenAt - http.savedAt >= limits.sessionSaveMs) touch(http);
      }
      if (live.size > 0) sweep();
    });
  };
  const save = async (http: HttpSession): Promise<void> => {
    if (live.get(http.id) !== http) return;
    // One after the other, or one could keep what another has just taken back.
    const keep = (): Promise<boolean> => orUnavailable(() => keepChange(store, http, limits));
    if (!(await http.inTurn(keep))) {
      void stop(http, true);
      throw sessionNotFound();
    }
    const about = { session: http.hash };
    // Whoever is told that it watches something has to hear of it from then on.
    const announcer = store.isShared ? await http.streams.announcer() : undefined;
    if (announcer !== undefined) {
      await orUnavailable(() => cluster.ask(announcer, topics.changing, about));
    }
    cluster.tell(topics.changed, about);
  };
  /** What a session at work needs; it is saved whenever it changes. */
  const nextId = (): string => questionId(cluster.self, ++questions);
  const surroundings = surroundingsOf(options, nextId, save);
  const onGap = (http: HttpSession): void => void end(http);
  const shared: HttpSessionOptions = { limits, platform, events, cluster, onFault, onGap };
  const add = (
    about: { readonly id: string; readonly hash: string; readonly createdAt: number },
    session: LegacySession,
    kept: Kept,
    opening: Opening,
  ): HttpSession => {
    const parts = { ...about, openedBy: session.principal, session, kept };
    const http = (opening.http = createHttpSession(parts, shared));
    live.set(http.id, http);
    byHash.set(http.hash, http);
    sweep();
    return http;
  };
  const revive = async (id: string, principal: Principal): Promise<Found> => {
    const hash = await hashOf(id, platform);
    const stored = await orUnavailable(() => store.get(principal.id, hash));
    // It may have ended, or all of them, while the store was asked.
    if (stored === undefined || hasStopped || ending.has(id)) return undefined;
    const now = keptOf(stored);
    const { session: record } = now.record;
    if (isOld(stored, record, principal, clock.now() - slackMs, limits)) return undefined;
    places.take(principal);
    const opening = new Opening(principal, surroundings);
    const session = resumeSession(copyRecord(record), opening);
    const { createdAt } = stored;
    const http = add({ id, hash, createdAt }, session, now, opening);
    http.savedAt = stored.lastSeenAt;
    return http;
  };
  /** Makes one at work here what other nodes have made of it. */
  const refresh = async (http: HttpSession, isInTime = false): Promise<HttpSession | undefined> => {
    const stored = await orUnavailable(() => store.get(http.openedBy.id, http.hash));
    if (live.get(http.id) !== http) return undefined;
    if (stored === undefined) {
      void stop(http, true);
      return undefined;
    }
    takeKept(http, stored, isInTime);
    http.lastSeenAt = Math.max(http.lastSeenAt, stored.lastSeenAt);
    if (!isOver(http)) return http;
    void end(http);
    return undefined;
  };
  const seen = (http: HttpSession): HttpSession => {
    http.lastSeenAt = clock.now();
    return http;
  };
  const doubts = createDoubts({ limits, clock, cluster, store, live, end, refresh });
  const stops = [
    hearSessionNews({
      ...{ cluster, clock },
      find: (hash) => byHash.get(hash),
      refresh: doubts.look,
      drop: (http) => void stop(http, true),
    }),
    cluster.onEpoch?.(() => void doubts.compareAll().catch(onFault)),
    cluster.onMissed?.(doubts.lookAtAll),
  ];

  return {
    areKept: true,
    areShared: store.isShared,
    async open(request, principal) {
      // Those that are still being opened count: they may all have come at once.
      places.take(principal);
      let http: HttpSession | undefined;
      try {
        const id = toBase64Url(random.bytes(32));
        const hashed = hashOf(id, platform);
        const hash = isPromised(hashed) ? await hashed : hashed;
        const opening = new Opening(principal, surroundings);
        const { session, welcome } = await openSession(request, opening);
        const now = clock.now();
        refuseLarge(session.record, limits);
        const first: Kept = { version: 1, record: { session: copyRecord(session.record) } };
        http = add({ id, hash, createdAt: now }, session, first, opening);
        // Nobody is told its id unless it is kept.
        const room = {
          max: store.isShared ? limits.storedSessionsMax : limits.sessionsMax,
          perCallerMax: options.perCallerMax,
          // The store is told of the last use now and then only.
          seenSince: now - limits.sessionIdleMs - limits.sessionSaveMs,
        };
        const stored = storedOf(http, first);
        refuseFull(await orUnavailable(() => store.add(stored, room)), room.perCallerMax);
        return { http, welcome };
      } catch (thrown) {
        if (http === undefined) places.leave(principal);
        else await end(http);
        throw thrown;
      }
    },
    find(id, principal) {
      const http = live.get(id);
      if (http !== undefined) {
        if (http.openedBy.id !== principal.id) return undefined;
        http.session.renew(principal);
        if (store.isShared) return refresh(http).then((found) => found && seen(found));
        if (!isOver(http)) return seen(http);
        void end(http);
        return undefined;
      }
      if (!isSessionId(id) || ending.has(id) || hasStopped) return undefined;
      const key = `${principal.id} ${id}`;
      let revived = reviving.get(key);
      if (revived === undefined) {
        revived = revive(id, principal).finally(() => reviving.delete(key));
        reviving.set(key, revived);
      }
      return revived;
    },
    save,
    end,
    delete: (http) =>
      endBy(http, async () => orUnavailable(() => store.delete(http.openedBy.id, http.hash))),
    async stopAll() {
      hasStopped = true;
      for (const stopHearing of stops) stopHearing?.();
      await Promise.all([...live.values()].map(async (http) => stop(http, false)));
    },
    moveReaders() {
      if (!store.isShared) return;
      for (const { streams } of live.values()) streams.announced?.letGo();
    },
    letGo(count) {
      const readers = [...live.values()]
        .map(({ streams }) => streams.announced?.reader)
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

function surroundingsOf(
  { served, limits, platform, sessions: store, cluster }: SessionsOptions,
  nextId: () => string,
  save: (http: HttpSession) => Promise<void>,
): Surroundings {
  return {
    ...{ served, limits, clock: platform.clock, nextId, save },
    elsewhere(http, notification) {
      if (!store.isShared) return;
      cluster.tell(topics.notice, { session: http.hash, notification: { ...notification } });
    },
  };
}

/** It is kept, and read again for each request where nodes share it. */
function refuseLarge(record: SessionRecord, { sessionRecordBytesMax }: Limits): void {
  if (JSON.stringify(record).length <= sessionRecordBytesMax) return;
  const text = `capabilities and clientInfo have more than ${sessionRecordBytesMax} bytes`;
  throw new McpError('invalidParams', text);
}

function refuseFull(outcome: 'added' | 'full' | 'callerIsFull', perCallerMax: number): void {
  if (outcome === 'added') return;
  throw outcome === 'full'
    ? new McpError('unavailable', 'There are too many sessions; try again later')
    : new McpError('tooManyRequests', `You hold ${perCallerMax} sessions; try again later`);
}
