import { FewMap } from '../engine/few-map.js';
import type { RequestId } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
  StreamState,
} from './event-store.js';
import { throwTaken } from './taken.js';
import { createWatchers } from './watchers.js';

interface Stream {
  readonly key: StreamKey;
  readonly session: Session;
  /** The data of those that are kept: the newest, up to `lastSeq`. */
  readonly events: string[];
  owed: readonly RequestId[];
  readonly purpose: StreamPurpose['purpose'];
  owner: string;
  lastSeq: number;
  bytes: number;
}

/** Small, because a server holds many that do nothing. */
class Session {
  readonly streams = new FewMap<string, Stream>();
  bytes = 0;
}

/**
 * Events in this process only: bounded by number, by bytes and by age. Where room is needed,
 * finished streams go before events of one that goes on, and the oldest of each first.
 */
export function memoryEvents(limits: Limits, clock: Clock): EventStore {
  /** By principal, then by session. */
  const principals = new Map<string, Map<string, Session>>();
  /** Finished streams and since when, in that order. */
  const finished = new Map<Stream, number>();
  const watchers = createWatchers();
  let bytes = 0;
  let lastFound: Stream | undefined;

  const count = (stream: Stream, change: number): void => {
    stream.bytes += change;
    stream.session.bytes += change;
    bytes += change;
  };
  const dropSession = ({ principal, session }: StreamKey): void => {
    const sessions = principals.get(principal);
    sessions?.delete(session);
    if (sessions?.size === 0) principals.delete(principal);
  };
  const forgetStream = (stream: Stream): void => {
    const { session } = stream;
    lastFound = undefined;
    count(stream, -stream.bytes);
    finished.delete(stream);
    session.streams.delete(stream.key.stream);
    if (session.streams.size === 0) dropSession(stream.key);
    watchers.tell(stream.key);
  };
  const forgetOld = (): void => {
    if (finished.size === 0) return;
    const oldest = clock.now() - limits.eventTtlMs;
    for (const [stream, since] of finished) {
      if (since >= oldest) return;
      forgetStream(stream);
    }
  };
  const firstFinished = (session: Session, but: Stream): Stream | undefined => {
    let first: Stream | undefined;
    for (const stream of session.streams.values()) {
      const since = stream === but ? Infinity : (finished.get(stream) ?? Infinity);
      if (since < (first === undefined ? Infinity : finished.get(first)!)) first = stream;
    }
    return first;
  };
  const makeRoom = (stream: Stream): void => {
    const { session, events } = stream;
    for (const [other] of finished) {
      if (bytes <= limits.eventBytesMax) break;
      if (other !== stream) forgetStream(other);
    }
    while (session.bytes > limits.eventBytesPerSessionMax) {
      const other = firstFinished(session, stream);
      if (other === undefined) break;
      forgetStream(other);
    }
    const fits = (): boolean =>
      events.length <= limits.eventsPerStreamMax &&
      stream.bytes <= limits.eventBytesPerStreamMax &&
      session.bytes <= limits.eventBytesPerSessionMax &&
      bytes <= limits.eventBytesMax;
    while (events.length > 0 && !fits()) count(stream, -events.shift()!.length);
  };
  const find = (key: StreamKey): Stream | undefined => {
    // Events come one after the other, from one who always uses the same key.
    if (lastFound?.key === key) return lastFound;
    const session = principals.get(key.principal)?.get(key.session);
    return (lastFound = session?.streams.get(key.stream));
  };
  const written = (key: StreamKey, owner: string): Stream | undefined => {
    const stream = find(key);
    return stream?.owner === owner && !finished.has(stream) ? stream : undefined;
  };
  const stateOf = (stream: Stream): StreamState => {
    const { owner, purpose, owed, lastSeq } = stream;
    return { owner, purpose, owed, lastSeq, isFinished: finished.has(stream) };
  };
  const dropEvents = (stream: Stream): void => {
    count(stream, -stream.bytes);
    stream.events.length = 0;
  };

  return {
    begin(key, { owner, purpose, owed }) {
      forgetOld();
      const old = find(key);
      if (old !== undefined) forgetStream(old);
      const sessions = principals.get(key.principal) ?? new Map<string, Session>();
      const session = sessions.get(key.session) ?? new Session();
      principals.set(key.principal, sessions.set(key.session, session));
      const stream: Stream = {
        key,
        session,
        purpose,
        owner,
        owed,
        events: [],
        lastSeq: 0,
        bytes: 0,
      };
      session.streams.set(key.stream, stream);
      watchers.tell(key);
    },
    append(key, owner, event, settled) {
      // To look at the clock costs as much as to keep an event; whoever began has looked.
      if (event.seq % 8 === 0) forgetOld();
      const stream = written(key, owner);
      if (stream === undefined) return false;
      if (event.seq <= stream.lastSeq) return isKept(stream, event) || throwTaken();
      if (settled !== undefined) stream.owed = stream.owed.filter((id) => id !== settled);
      if (event.seq !== stream.lastSeq + 1) dropEvents(stream);
      stream.lastSeq = event.seq;
      stream.events.push(event.data);
      count(stream, event.data.length);
      makeRoom(stream);
      watchers.tell(key);
      return true;
    },
    after(key, seq, bytesMax) {
      const stream = find(key);
      if (stream === undefined) return seq === 0 ? [] : undefined;
      const firstKept = stream.lastSeq - stream.events.length + 1;
      if (seq > stream.lastSeq || seq + 1 < firstKept) return undefined;
      const events = firstOf(stream.events, seq + 1 - firstKept, bytesMax);
      return events.map((data, at) => ({ seq: seq + 1 + at, data }));
    },
    state(key) {
      const stream = find(key);
      return stream === undefined ? undefined : stateOf(stream);
    },
    claim(key, from, owner) {
      const stream = written(key, from);
      if (stream === undefined) return undefined;
      stream.owner = owner;
      watchers.tell(key);
      return stateOf(stream);
    },
    finish(key, owner, lastSeq) {
      const stream = written(key, owner);
      if (stream === undefined) return;
      if (lastSeq !== stream.lastSeq) dropEvents(stream);
      stream.lastSeq = lastSeq;
      finished.set(stream, clock.now());
      watchers.tell(key);
    },
    forget(key) {
      const stream = find(key);
      if (stream !== undefined) forgetStream(stream);
    },
    forgetSession(principal, id) {
      const session = principals.get(principal)?.get(id);
      for (const stream of [...(session?.streams.values() ?? [])]) forgetStream(stream);
    },
    watch: watchers.add,
  };
}

function isKept({ events, lastSeq }: Stream, { seq, data }: StoredEvent): boolean {
  return events[seq - 1 - lastSeq + events.length] === data;
}

/** Those from `start` on, as far as `bytesMax` allows, but at least one. */
function firstOf(
  events: readonly string[],
  start: number,
  bytesMax: number | undefined,
): readonly string[] {
  if (bytesMax === undefined) return events.slice(start);
  let end = start;
  let bytes = 0;
  while (end < events.length) {
    bytes += events[end]!.length;
    if (end > start && bytes > bytesMax) break;
    end++;
  }
  return events.slice(start, end);
}
