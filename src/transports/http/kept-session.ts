import { copyRecord, mergeRecords, type SessionRecord } from '../../eras/legacy/session-record.js';
import { McpError } from '../../errors.js';
import { countedAs, type Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { SessionStore, StoredSession } from '../../stores/session-store.js';
import type { HttpSession } from './http-session.js';

/** What is kept of a session over HTTP, as JSON. */
export interface KeptRecord {
  readonly session: SessionRecord;
  /** The name of the stream of GET, once there was one. */
  readonly standing?: string;
}

/** What the store knows of a session at work: which version, and what stood in it. */
export interface Kept {
  readonly version: number;
  readonly record: KeptRecord;
}

export function recordOf({ session, streams: { standing } }: HttpSession): KeptRecord {
  const record = copyRecord(session.record);
  return standing === undefined ? { session: record } : { session: record, standing };
}

export function storedOf(http: HttpSession, { version, record }: Kept): StoredSession {
  const { hash, openedBy, createdAt, lastSeenAt } = http;
  const counted = countedAs(openedBy);
  const about = { hash, principal: openedBy.id, createdAt, lastSeenAt, version, record };
  return counted === undefined ? about : { ...about, countedAs: counted };
}

/** What was read back from a store is what was put there. */
export function keptOf({ version, record }: StoredSession): Kept {
  return { version, record: structuredClone(record) as KeptRecord };
}

/**
 * Makes a session at work what other nodes have made of it, where that is newer than what is known
 * here. What was changed here and is not kept yet stays changed. What it watches since then may
 * have changed already, unless that is known in time: before anybody is told that it is watched.
 */
export function takeKept(http: HttpSession, stored: StoredSession, isInTime = false): void {
  if (stored.version <= http.kept.version) return;
  const theirs = keptOf(stored);
  const base = http.kept.record;
  const mine = recordOf(http);
  const { session } = http;
  const added = session.take(mergeRecords(base.session, mine.session, theirs.record.session));
  if (!isInTime) void session.announce.tellOf(added);
  // Of two streams the one is standing that was kept first.
  const isTheirs = theirs.record.standing !== base.standing || mine.standing === base.standing;
  http.streams.stand(isTheirs ? theirs.record.standing : mine.standing);
  http.kept = theirs;
}

/**
 * Keeps what has changed in a session, put together with what others have changed meanwhile. False
 * when the session has ended. What could not be kept is taken back: it would undo what the client
 * does next at another node.
 */
export async function keepChange(
  store: SessionStore,
  http: HttpSession,
  limits: Limits,
): Promise<boolean> {
  try {
    return await keepMerged(store, http, limits);
  } catch (thrown) {
    takeBack(http);
    throw thrown;
  }
}

async function keepMerged(
  store: SessionStore,
  http: HttpSession,
  limits: Limits,
): Promise<boolean> {
  for (let attempt = 0; attempt < limits.sessionSavesMax; attempt++) {
    const next: Kept = { version: http.kept.version + 1, record: recordOf(http) };
    if (await store.replace(storedOf(http, next))) {
      if (next.version > http.kept.version) http.kept = next;
      return true;
    }
    const stored = await store.get(http.openedBy.id, http.hash);
    // One that knows less than it has taken has lost what was promised.
    if (stored === undefined || stored.version < http.kept.version) return false;
    takeKept(http, stored);
  }
  throw new McpError('unavailable', 'Too much changes in this session at once; try again');
}

/** Makes a session at work what is kept of it, as far as is known here. */
function takeBack({ session, kept }: HttpSession): void {
  const { initialized } = session.record;
  const added = session.take({ ...copyRecord(kept.record.session), initialized });
  void session.announce.tellOf(added);
}

/** Whether a session is past its time, however it is kept. */
export function isOld(
  stored: Pick<StoredSession, 'createdAt' | 'lastSeenAt'>,
  { initialized }: SessionRecord,
  { expiresAt = Infinity }: Principal,
  now: number,
  limits: Limits,
): boolean {
  const { createdAt, lastSeenAt } = stored;
  // Nobody comes in with a token that is over; a client may still be fetching a new one.
  if (now > expiresAt + limits.sessionRenewMs) return true;
  if (now - createdAt > limits.sessionTotalMs) return true;
  if (!initialized) return now - createdAt > limits.sessionInitializeMs;
  return now - lastSeenAt > limits.sessionIdleMs;
}
