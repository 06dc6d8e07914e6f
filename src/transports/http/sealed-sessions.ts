import { createSealing, type Sealing } from '../../engine/sealing.js';
import type { SealingKeys } from '../../engine/sealing-keys.js';
import { type LegacySession, openSession, resumeSession } from '../../eras/legacy/session.js';
import type { SessionRecord } from '../../eras/legacy/session-record.js';
import type { Principal, Result, Served } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { EventStore } from '../../stores/event-store.js';
import { createHttpSession, type HttpSession, type HttpSessionOptions } from './http-session.js';
import { isOld } from './kept-session.js';
import { hearSessionNews } from './session-news.js';
import type { Sessions } from './sessions.js';

export interface SealedSessionsOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly keys: SealingKeys;
  readonly cluster: Cluster;
}

/** What a client carries of its session, sealed. */
interface Carried {
  readonly at: number;
  readonly version: string;
  readonly info?: SessionRecord['clientInfo'];
}

/** Methods that would have to be remembered. */
const needKeeping: ReadonlySet<string> = new Set([
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/**
 * Sessions that nobody keeps: all that is known of one travels, sealed, as its id, and any node
 * that has the keys can serve it. There is no stream of GET, nothing can be resumed, nothing asked.
 */
export function createSealedSessions(options: SealedSessionsOptions): Sessions {
  const { served, limits, platform, cluster } = options;
  const { clock } = platform;
  const sealing = createSealing(options.keys, platform);
  /** Those that were used last, so that they need not be opened for each request. */
  const recent = new Map<string, HttpSession>();
  const byHash = new Map<string, HttpSession>();

  const shared: HttpSessionOptions = {
    ...{ limits, platform, cluster, events: nothingKept, isResumable: false },
    onFault: () => undefined,
    onGap: () => undefined,
  };

  const forget = (http: HttpSession): void => {
    recent.delete(http.id);
    byHash.delete(http.hash);
    void http.stop(true);
  };
  const makeRoom = (): void => {
    for (const http of recent.values()) {
      if (recent.size < limits.sealedSessionsRecentMax) return;
      if (http.flights.size === 0) forget(http);
    }
  };
  const openingFor = (principal: Principal) => ({
    ...{ served, principal, limits, clock, refused: needKeeping },
    nextId: () => '',
  });
  const add = (
    id: string,
    hash: string,
    createdAt: number,
    session: LegacySession,
  ): HttpSession => {
    makeRoom();
    const kept = { version: 1, record: { session: session.record } };
    const openedBy = session.principal;
    const http = createHttpSession({ id, hash, openedBy, createdAt, session, kept }, shared);
    recent.set(id, http);
    byHash.set(hash, http);
    return http;
  };
  const open = async (id: string, principal: Principal): Promise<HttpSession | undefined> => {
    const text = await sealing.open(id, sessionOf(principal));
    if (text === undefined) return undefined;
    const { at, version, info } = JSON.parse(text) as Carried;
    const record = recordOf(version, info);
    if (isOld({ createdAt: at, lastSeenAt: clock.now() }, record, principal, clock.now(), limits)) {
      return undefined;
    }
    return recent.get(id) ?? add(id, hashOf(id), at, resumeSession(record, openingFor(principal)));
  };
  const stopHearing = hearSessionNews({
    ...{ cluster, clock },
    find: (hash) => byHash.get(hash),
    refresh: () => Promise.resolve(false),
    drop: () => undefined,
  });

  return {
    areKept: false,
    areShared: true,
    async open(request, principal) {
      const { session, welcome } = await openSession(request, openingFor(principal));
      const { protocolVersion: version, clientInfo: info } = session.record;
      session.close();
      const at = clock.now();
      const id = await seal(sealing, { at, version, ...(info && { info }) }, principal, limits);
      const own = resumeSession(recordOf(version, info), openingFor(principal));
      return { http: add(id, hashOf(id), at, own), welcome: lessOf(welcome) };
    },
    find(id, principal) {
      const known = recent.get(id);
      if (known === undefined) return open(id, principal);
      const { session, createdAt, openedBy } = known;
      if (openedBy.id !== principal.id) return undefined;
      session.renew(principal);
      const now = clock.now();
      const isOver = isOld({ createdAt, lastSeenAt: now }, session.record, principal, now, limits);
      if (isOver) {
        forget(known);
        return undefined;
      }
      // Those go first that were not used for longest.
      recent.delete(id);
      recent.set(id, known);
      return known;
    },
    // The id says all there is, and stays good for its time.
    save: () => Promise.resolve(),
    end: () => Promise.resolve(),
    delete: () => Promise.resolve(),
    async stopAll() {
      stopHearing();
      await Promise.all([...recent.values()].map((http) => http.stop(true)));
      recent.clear();
      byHash.clear();
    },
    moveReaders: () => undefined,
    letGo: () => 0,
    get size() {
      return recent.size;
    },
  };
}

/** Nothing can be asked of a client whose answer might come to a node that has not asked. */
function recordOf(protocolVersion: string, clientInfo: SessionRecord['clientInfo']): SessionRecord {
  const record = { protocolVersion, capabilities: {}, initialized: true, subscriptions: [] };
  return { ...record, logLevel: 'info', ...(clientInfo && { clientInfo }) };
}

/** What the server says of itself, without what such a session cannot have. */
function lessOf(welcome: Result): Result {
  const { logging: _, ...declared } = welcome['capabilities'] as JsonObject;
  const less = Object.entries(declared).map(([name, value]) => {
    if (!isJsonObject(value)) return [name, value];
    const { listChanged: _changed, subscribe: _subscribe, ...rest } = value;
    return [name, rest];
  });
  return { ...welcome, capabilities: Object.fromEntries(less) as JsonObject };
}

async function seal(
  sealing: Sealing,
  { info, ...rest }: Carried,
  principal: Principal,
  limits: Limits,
): Promise<string> {
  const whole = await sealing.seal(JSON.stringify({ ...rest, info }), sessionOf(principal));
  if (whole.length <= limits.sealedSessionLengthMax) return whole;
  // It goes into a header of every request: a long name is not worth it.
  return sealing.seal(JSON.stringify(rest), sessionOf(principal));
}

/** What it is bound to: whose, and that it is a session, for the same keys seal other things. */
function sessionOf({ id }: Principal): string {
  return `session of ${id}`;
}

/** What nodes call it among themselves: a part of it that nobody can make anything of. */
function hashOf(id: string): string {
  return id.slice(-22);
}

/** Its streams are begun in vain, once each, and never asked for after that. */
const nothingKept: EventStore = {
  begin() {
    throw new Error('Nothing is kept of sealed sessions');
  },
  append: () => false,
  after: () => undefined,
  state: () => undefined,
  claim: () => undefined,
  finish: () => undefined,
  forget: () => undefined,
  forgetSession: () => undefined,
  watch: () => () => undefined,
};
