import { crc32 } from 'node:zlib';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { EventStore, StoredEvent, StreamKey } from '../event-store.js';
import { throwTaken } from '../taken.js';
import { createWatchers } from '../watchers.js';
import type { Database } from './database.js';
import type { Row } from './driver.js';
import type { Reader } from './row.js';
import { createStreams, type StoredStream } from './streams.js';
import { toText } from './text.js';

export interface EventsOptions {
  readonly database: Database;
  readonly read: Reader;
  readonly limits: Limits;
  readonly clock: Clock;
}

export interface SqliteEvents extends EventStore {
  /** Forgets what nobody comes back to any more. */
  expire(): void;
}

/** Bounded as events in memory are: finished streams go first, and the oldest of each. */
export function sqliteEvents({ database, read, limits, clock }: EventsOptions): SqliteEvents {
  const watchers = createWatchers();
  const streams = createStreams({ database, read, limits, watchers });
  const sql = statementsOf(database);
  const { sizes } = streams;
  /** No stream that has finished is over before. */
  let nextExpiryAt = expiryOf(streams.firstEnd());
  database.onUndone(() => (nextExpiryAt = 0));

  function expiryOf(end: number | undefined): number {
    return end === undefined ? Infinity : end + limits.eventTtlMs;
  }
  const expireFinished = (now: number): void => {
    if (now <= nextExpiryAt) return;
    for (const stream of streams.finishedBefore(now - limits.eventTtlMs)) streams.remove(stream);
    nextExpiryAt = expiryOf(streams.firstEnd());
  };
  const dropEvents = (stream: StoredStream, lastSeq: number): void => {
    sql.dropAll.run(stream.id);
    streams.advance(stream, lastSeq, -stream.bytes);
  };
  /** Forgets its oldest events until it fits. */
  const dropOldest = (stream: StoredStream, seq: number, bytes: number): void => {
    const { principal, session } = stream.key;
    // The last that is too many by number, and then as many more as are too large.
    let lastGone = seq - limits.eventsPerStreamMax;
    let dropped = read.number(sql.sizeUpTo.get(stream.id, lastGone), 'size');
    const fits = (): boolean =>
      bytes - dropped <= limits.eventBytesPerStreamMax &&
      sizes.ofSession(principal, session) - dropped <= limits.eventBytesPerSessionMax &&
      sizes.all - dropped <= limits.eventBytesMax;
    while (lastGone < seq && !fits()) {
      const oldest = sql.firstAfter.get(stream.id, lastGone);
      if (oldest === undefined) break;
      lastGone = read.number(oldest, 'seq');
      dropped += read.number(oldest, 'size');
    }
    sql.dropUpTo.run(stream.id, lastGone);
    streams.advance(stream, seq, -dropped);
  };
  const makeRoom = (stream: StoredStream, seq: number, bytes: number): void => {
    const { principal, session } = stream.key;
    const forgetFirst = (inSession: boolean): boolean => {
      const other = streams.firstFinished(stream, inSession);
      if (other !== undefined) streams.remove(other);
      return other !== undefined;
    };
    while (sizes.all > limits.eventBytesMax && forgetFirst(false));
    while (sizes.ofSession(principal, session) > limits.eventBytesPerSessionMax) {
      if (!forgetFirst(true)) break;
    }
    dropOldest(stream, seq, bytes);
  };
  const needsRoom = ({ key }: StoredStream, seq: number, bytes: number): boolean =>
    seq > limits.eventsPerStreamMax ||
    bytes > limits.eventBytesPerStreamMax ||
    sizes.ofSession(key.principal, key.session) > limits.eventBytesPerSessionMax ||
    sizes.all > limits.eventBytesMax;
  const keep = (stream: StoredStream, { seq, data }: StoredEvent): void => {
    const isNext = seq === stream.lastSeq + 1;
    if (!isNext) dropEvents(stream, seq);
    const checksum = checksumOf(stream.key, seq, data);
    sql.add.run(stream.id, seq, data.length, checksum, toText(data));
    streams.advance(stream, seq, data.length);
    const bytes = (isNext ? stream.bytes : 0) + data.length;
    if (needsRoom(stream, seq, bytes)) makeRoom(stream, seq, bytes);
  };
  const eventOf = (key: StreamKey, row: Row): StoredEvent => {
    const event = { seq: read.number(row, 'seq'), data: read.text(row, 'data') };
    if (checksumOf(key, event.seq, event.data) !== row['checksum']) {
      return read.fail('an event is not the one that was kept');
    }
    return event;
  };
  const isKept = ({ key, id }: StoredStream, { seq, data }: StoredEvent): boolean =>
    sql.after.all(id, seq - 1, seq).some((row) => eventOf(key, row).data === data);
  /** The last of the events after `from` that have no more than `bytesMax`. */
  const lastWithin = ({ id, lastSeq }: StoredStream, from: number, bytesMax: number): number => {
    let [last, bytes] = [from, 0];
    while (bytesMax < Infinity) {
      const next = sql.firstAfter.get(id, last);
      if (next === undefined) break;
      bytes += read.number(next, 'size');
      if (last > from && bytes > bytesMax) return last;
      last = read.number(next, 'seq');
    }
    return lastSeq;
  };

  return {
    begin(key, purpose) {
      database.whole(() => {
        const old = streams.find(key);
        if (old !== undefined) streams.remove(old);
        streams.add(key, purpose, clock.now());
        streams.tell(key);
      });
    },
    append(key, owner, event, settled) {
      return database.whole(() => {
        expireFinished(clock.now());
        const stream = streams.written(key, owner);
        if (stream === undefined) return false;
        if (event.seq <= stream.lastSeq) return isKept(stream, event) || throwTaken();
        keep(stream, event);
        if (settled !== undefined) streams.settle(stream, settled);
        streams.tell(key);
        return true;
      });
    },
    after(key, seq, bytesMax = Infinity) {
      const stream = streams.find(key);
      if (stream === undefined) return seq === 0 ? [] : undefined;
      if (seq > stream.lastSeq) return undefined;
      const last = lastWithin(stream, seq, bytesMax);
      // An event behind the last one is none that anybody has written.
      const upTo = last === stream.lastSeq ? Number.MAX_SAFE_INTEGER : last;
      const events = sql.after.all(stream.id, seq, upTo).map((row) => eventOf(key, row));
      if (events.some((event) => event.seq > stream.lastSeq)) return read.fail('a wrong number');
      const isWhole = events.every((event, at) => event.seq === seq + 1 + at);
      return isWhole && events.length === last - seq ? events : undefined;
    },
    state(key) {
      const stream = streams.find(key);
      return stream === undefined ? undefined : stateOf(stream);
    },
    claim(key, from, owner) {
      return database.whole(() => {
        const stream = streams.written(key, from);
        if (stream === undefined) return undefined;
        streams.setOwner(stream, owner);
        streams.tell(key);
        return { ...stateOf(stream), owner };
      });
    },
    finish(key, owner, lastSeq) {
      const now = clock.now();
      database.whole(() => {
        const stream = streams.written(key, owner);
        if (stream === undefined) return;
        if (lastSeq !== stream.lastSeq) dropEvents(stream, lastSeq);
        streams.end(stream, now);
        nextExpiryAt = Math.min(nextExpiryAt, expiryOf(now));
        streams.tell(key);
      });
    },
    forget(key) {
      database.whole(() => {
        const stream = streams.find(key);
        if (stream !== undefined) streams.remove(stream);
      });
    },
    forgetSession(principal, session) {
      database.whole(() => streams.ofSession(principal, session).forEach(streams.remove));
    },
    watch: watchers.add,
    expire() {
      const now = clock.now();
      database.whole(() => {
        expireFinished(now);
        // No session lives longer, whether or not anybody has said that it ended.
        streams.begunBefore(now - limits.sessionTotalMs).forEach(streams.remove);
      });
    },
  };
}

function stateOf({ owner, purpose, owed, lastSeq, isFinished }: StoredStream) {
  return { owner, purpose, owed, lastSeq, isFinished };
}

/** Bound to its place: a damaged index must not make it somebody else's event. */
function checksumOf(key: StreamKey, seq: number, data: string): number {
  return crc32(data, crc32(JSON.stringify([key.principal, key.session, key.stream, seq])));
}

function statementsOf({ prepare }: Database) {
  return {
    add: prepare('insert into event (stream, seq, size, checksum, data) values (?, ?, ?, ?, ?)'),
    after: prepare(
      `select seq, checksum, data from event where stream = ? and seq > ? and seq <= ?
      order by seq`,
    ),
    firstAfter: prepare(
      'select seq, size from event where stream = ? and seq > ? order by seq limit 1',
    ),
    sizeUpTo: prepare(
      'select coalesce(sum(size), 0) as size from event where stream = ? and seq <= ?',
    ),
    dropUpTo: prepare('delete from event where stream = ? and seq <= ?'),
    dropAll: prepare('delete from event where stream = ?'),
  };
}
