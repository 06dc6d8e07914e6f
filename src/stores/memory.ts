import type { RequestId } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { EventStore, StoredEvent, StreamKey, StreamPurpose } from './event-store.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** Sessions in this process only, as many as the endpoint lets in. */
export function memorySessions(): SessionStore {
  const sessions = new Map<string, StoredSession>();
  return {
    put: (session) => void sessions.set(session.hash, session),
    get(principal, hash) {
      const session = sessions.get(hash);
      return session?.principal === principal ? session : undefined;
    },
    delete(principal, hash) {
      if (sessions.get(hash)?.principal === principal) sessions.delete(hash);
    },
  };
}

interface Stream {
  readonly name: string;
  readonly session: Session;
  readonly events: StoredEvent[];
  readonly owed: Set<RequestId>;
  owner: string;
  purpose: StreamPurpose['purpose'];
  lastSeq: number;
  bytes: number;
}

interface Session {
  readonly key: string;
  readonly streams: Map<string, Stream>;
  bytes: number;
}

/**
 * Events in this process only: bounded by number, by bytes and by age. Where room is needed,
 * finished streams go before events of one that goes on, and the oldest of each first.
 */
export function memoryEvents(limits: Limits, clock: Clock): EventStore {
  const sessions = new Map<string, Session>();
  /** Finished streams and since when, in that order. */
  const finished = new Map<Stream, number>();
  let bytes = 0;

  const count = (stream: Stream, change: number): void => {
    stream.bytes += change;
    stream.session.bytes += change;
    bytes += change;
  };
  const forgetStream = (stream: Stream): void => {
    const { session } = stream;
    count(stream, -stream.bytes);
    finished.delete(stream);
    session.streams.delete(stream.name);
    if (session.streams.size === 0) sessions.delete(session.key);
  };
  const forgetOld = (): void => {
    const oldest = clock.now() - limits.eventTtlMs;
    for (const [stream, since] of finished) {
      if (since >= oldest) return;
      forgetStream(stream);
    }
  };
  const makeRoom = (stream: Stream): void => {
    const { session, events } = stream;
    for (const [other] of finished) {
      if (bytes <= limits.eventBytesMax) break;
      if (other !== stream) forgetStream(other);
    }
    for (const other of session.streams.values()) {
      if (session.bytes <= limits.eventBytesPerSessionMax) break;
      if (other !== stream && finished.has(other)) forgetStream(other);
    }
    const fits = (): boolean =>
      events.length <= limits.eventsPerStreamMax &&
      stream.bytes <= limits.eventBytesPerStreamMax &&
      session.bytes <= limits.eventBytesPerSessionMax &&
      bytes <= limits.eventBytesMax;
    while (events.length > 0 && !fits()) count(stream, -events.shift()!.data.length);
  };
  const find = (key: StreamKey): Stream | undefined =>
    sessions.get(sessionKey(key.principal, key.session))?.streams.get(key.stream);
  const streamOf = (key: StreamKey): Stream => {
    const id = sessionKey(key.principal, key.session);
    let session = sessions.get(id);
    if (session === undefined) {
      sessions.set(id, (session = { key: id, streams: new Map(), bytes: 0 }));
    }
    let stream = session.streams.get(key.stream);
    if (stream === undefined) {
      const owed = new Set<RequestId>();
      const purpose = 'answers';
      stream = {
        name: key.stream,
        session,
        events: [],
        owed,
        purpose,
        owner: '',
        lastSeq: 0,
        bytes: 0,
      };
      session.streams.set(key.stream, stream);
    }
    return stream;
  };

  return {
    begin(key, { owner, purpose, owed }) {
      const stream = streamOf(key);
      Object.assign(stream, { owner, purpose });
      for (const id of owed) stream.owed.add(id);
    },
    append(key, data, settled) {
      forgetOld();
      const stream = streamOf(key);
      if (settled !== undefined) stream.owed.delete(settled);
      const seq = ++stream.lastSeq;
      stream.events.push({ seq, data });
      count(stream, data.length);
      makeRoom(stream);
      return seq;
    },
    after(key, seq) {
      const stream = find(key);
      if (stream === undefined) return seq === 0 ? [] : undefined;
      const firstKept = stream.lastSeq - stream.events.length + 1;
      if (seq > stream.lastSeq || seq + 1 < firstKept) return undefined;
      return stream.events.slice(seq + 1 - firstKept);
    },
    state(key) {
      const stream = find(key);
      if (stream === undefined) return undefined;
      const { owner, purpose, owed, lastSeq } = stream;
      return { owner, purpose, owed: [...owed], lastSeq, isFinished: finished.has(stream) };
    },
    claim(key, from, owner) {
      const stream = find(key);
      if (stream?.owner !== from) return false;
      stream.owner = owner;
      return true;
    },
    finish(key) {
      const stream = find(key);
      // What is finished after its session was forgotten must not bring it back.
      if (stream !== undefined && !finished.has(stream)) finished.set(stream, clock.now());
    },
    forget(key) {
      const stream = find(key);
      if (stream !== undefined) forgetStream(stream);
    },
    forgetSession(principal, id) {
      const session = sessions.get(sessionKey(principal, id));
      for (const stream of [...(session?.streams.values() ?? [])]) forgetStream(stream);
    },
  };
}

function sessionKey(principal: string, session: string): string {
  // The length keeps apart what a space alone would not.
  return `${session.length} ${session} ${principal}`;
}
