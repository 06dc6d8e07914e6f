import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { EventStore, StoredEvent, StreamKey } from './event-store.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** Sessions in this process only, as many as the endpoint lets in. */
export function memorySessions(): SessionStore {
  const sessions = new Map<string, StoredSession>();
  return {
    put: (session) => void sessions.set(session.id, session),
    get(principal, id) {
      const session = sessions.get(id);
      return session?.principal === principal ? session : undefined;
    },
    delete(principal, id) {
      if (sessions.get(id)?.principal === principal) sessions.delete(id);
    },
  };
}

interface Stream {
  readonly events: StoredEvent[];
  lastSeq: number;
  bytes: number;
  finishedAt: number | undefined;
}

interface Session {
  readonly streams: Map<string, Stream>;
  bytes: number;
}

/** Events in this process only: bounded by number, by bytes and by age. Oldest go first. */
export function memoryEvents(limits: Limits, clock: Clock): EventStore {
  const sessions = new Map<string, Session>();
  let bytes = 0;

  const dropOldest = (session: Session, stream: Stream): void => {
    const event = stream.events.shift();
    if (event === undefined) return;
    stream.bytes -= event.data.length;
    session.bytes -= event.data.length;
    bytes -= event.data.length;
  };
  const fits = (session: Session, stream: Stream): boolean =>
    stream.events.length <= limits.eventsPerStreamMax &&
    stream.bytes <= limits.eventBytesPerStreamMax &&
    session.bytes <= limits.eventBytesPerSessionMax &&
    bytes <= limits.eventBytesMax;
  const forgetStream = (session: Session, name: string, stream: Stream): void => {
    session.streams.delete(name);
    session.bytes -= stream.bytes;
    bytes -= stream.bytes;
  };
  const forgetOld = (session: Session): void => {
    const oldest = clock.now() - limits.eventTtlMs;
    for (const [name, stream] of session.streams) {
      if (stream.finishedAt !== undefined && stream.finishedAt < oldest) {
        forgetStream(session, name, stream);
      }
    }
  };
  const find = (key: StreamKey): [Session | undefined, Stream | undefined] => {
    const session = sessions.get(sessionKey(key.principal, key.session));
    return [session, session?.streams.get(key.stream)];
  };
  const streamOf = (key: StreamKey): [Session, Stream] => {
    const id = sessionKey(key.principal, key.session);
    let session = sessions.get(id);
    if (session === undefined) sessions.set(id, (session = { streams: new Map(), bytes: 0 }));
    let stream = session.streams.get(key.stream);
    if (stream === undefined) {
      forgetOld(session);
      stream = { events: [], lastSeq: 0, bytes: 0, finishedAt: undefined };
      session.streams.set(key.stream, stream);
    }
    return [session, stream];
  };

  return {
    append(key, data) {
      const [session, stream] = streamOf(key);
      const seq = ++stream.lastSeq;
      stream.events.push({ seq, data });
      stream.bytes += data.length;
      session.bytes += data.length;
      bytes += data.length;
      while (stream.events.length > 0 && !fits(session, stream)) dropOldest(session, stream);
      return seq;
    },
    after(key, seq) {
      const [, stream] = find(key);
      if (stream === undefined) return seq === 0 ? [] : undefined;
      const firstKept = stream.lastSeq - stream.events.length + 1;
      if (seq > stream.lastSeq || seq + 1 < firstKept) return undefined;
      return stream.events.slice(seq + 1 - firstKept);
    },
    finish(key) {
      const [, stream] = find(key);
      // What is finished after its session was forgotten must not bring it back.
      if (stream !== undefined) stream.finishedAt = clock.now();
    },
    forget(key) {
      const [session, stream] = find(key);
      if (stream !== undefined) forgetStream(session!, key.stream, stream);
    },
    forgetSession(principal, id) {
      const session = sessions.get(sessionKey(principal, id));
      if (session === undefined) return;
      sessions.delete(sessionKey(principal, id));
      bytes -= session.bytes;
    },
  };
}

function sessionKey(principal: string, session: string): string {
  // The length keeps apart what a space alone would not.
  return `${session.length} ${session} ${principal}`;
}
