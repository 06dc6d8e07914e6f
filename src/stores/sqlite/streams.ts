import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { StreamKey, StreamPurpose, StreamState } from '../event-store.js';
import type { Watchers } from '../watchers.js';
import type { Database } from './database.js';
import type { Row } from './driver.js';
import type { Reader } from './row.js';
import { createSizes, type Sizes } from './sizes.js';
import { toText } from './text.js';

/** A stream as it was when its row was read. */
export interface StoredStream extends StreamState {
  readonly id: number;
  readonly key: StreamKey;
  readonly bytes: number;
}

/** The rows of streams, and how many bytes their events have. */
export interface Streams {
  find(key: StreamKey): StoredStream | undefined;
  /** One that goes on, and that `owner` writes. */
  written(key: StreamKey, owner: string): StoredStream | undefined;
  add(key: StreamKey, purpose: StreamPurpose, now: number): void;
  setOwner(stream: StoredStream, owner: string): void;
  /** It owes one answer less. */
  settle(stream: StoredStream, settled: RequestId): void;
  /** Its newest event, and by how many bytes its events have become more. */
  advance(stream: StoredStream, lastSeq: number, bytes: number): void;
  end(stream: StoredStream, now: number): void;
  /** Forgets it with its events, and tells who watches it. */
  remove(stream: StoredStream): void;
  /** Tells who watches one, once the step that runs is kept. */
  tell(key: StreamKey): void;
  ofSession(principal: string, session: string): readonly StoredStream[];
  /** As many of those that finished, or began, before a time as one step may forget. */
  finishedBefore(time: number): readonly StoredStream[];
  begunBefore(time: number): readonly StoredStream[];
  /** The first that has finished, of a session or of all. */
  firstFinished(but: StoredStream, inSession: boolean): StoredStream | undefined;
  /** When the first one finished. */
  firstEnd(): number | undefined;
  readonly sizes: Sizes;
}

export interface StreamsOptions {
  readonly database: Database;
  readonly read: Reader;
  readonly limits: Limits;
  readonly watchers: Watchers;
}

export function createStreams({ database, read, limits, watchers }: StreamsOptions): Streams {
  const sql = statementsOf(database);
  const sizes = createSizes({
    readAll: () => read.number(sql.bytes.get(), 'bytes'),
    readSession: (principal, session) =>
      read.number(sql.sessionBytes.get(toText(principal), toText(session)), 'bytes'),
    sessionsMax: limits.sessionsMax,
  });
  database.onUndone(sizes.reset);
  const tell = (key: StreamKey): void => database.onceKept(() => watchers.tell(key));
  const streamOf = (row: Row): StoredStream => readStream(row, readKey(row, read), read);
  const find = (key: StreamKey): StoredStream | undefined => {
    const row = sql.find.get(...namesOf(key));
    return row === undefined ? undefined : readStream(row, key, read);
  };

  return {
    sizes,
    tell,
    find,
    written(key, owner) {
      const stream = find(key);
      return stream?.owner === owner && !stream.isFinished ? stream : undefined;
    },
    add(key, { owner, purpose, owed }, now) {
      sql.add.run(...namesOf(key), toText(owner), purpose, JSON.stringify(owed), now);
    },
    setOwner: ({ id }, owner) => void sql.setOwner.run(toText(owner), id),
    settle({ id, owed }, settled) {
      const others = owed.filter((one) => one !== settled);
      sql.setOwed.run(JSON.stringify(others), id);
    },
    advance({ id, key }, lastSeq, bytes) {
      sql.advance.run(lastSeq, bytes, id);
      sizes.change(key.principal, key.session, bytes);
    },
    end: ({ id }, now) => void sql.end.run(now, id),
    remove({ id, key, bytes }) {
      sql.remove.run(id);
      sizes.change(key.principal, key.session, -bytes);
      tell(key);
    },
    ofSession: (principal, session) =>
      sql.ofSession.all(toText(principal), toText(session)).map(streamOf),
    finishedBefore: (time) => sql.finishedBefore.all(time, limits.storeForgetMax).map(streamOf),
    begunBefore: (time) => sql.begunBefore.all(time, limits.storeForgetMax).map(streamOf),
    firstFinished({ id, key }, inSession) {
      const names = [toText(key.principal), toText(key.session)];
      const row = inSession ? sql.firstOfSession.get(...names, id) : sql.first.get(id);
      return row === undefined ? undefined : streamOf(row);
    },
    firstEnd() {
      const row = sql.first.get(0);
      return row === undefined ? undefined : read.number(row, 'finished_at');
    },
  };
}

function namesOf({ principal, session, stream }: StreamKey): readonly [string, string, string] {
  return [toText(principal), toText(session), toText(stream)];
}

function readKey(row: Row, read: Reader): StreamKey {
  return {
    principal: read.text(row, 'principal'),
    session: read.text(row, 'session'),
    stream: read.text(row, 'name'),
  };
}

function readStream(row: Row, key: StreamKey, read: Reader): StoredStream {
  const purpose = read.text(row, 'purpose');
  if (purpose !== 'answers' && purpose !== 'notices') return read.fail(`a stream for "${purpose}"`);
  const owed = read.json(row, 'owed');
  if (!Array.isArray(owed) || !owed.every(isRequestId)) return read.fail('"owed" are no ids');
  return {
    id: read.number(row, 'id'),
    key,
    owner: read.text(row, 'owner'),
    purpose,
    owed,
    lastSeq: read.number(row, 'last_seq'),
    bytes: read.number(row, 'bytes'),
    isFinished: row['finished_at'] !== null,
  };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || typeof value === 'number';
}

function statementsOf({ prepare }: Database) {
  const finished = 'from stream where finished_at is not null';
  const first = 'order by finished_at, id limit 1';
  return {
    // All but the names, which whoever asks knows.
    find: prepare(
      'select id, owner, purpose, owed, last_seq, bytes, finished_at from stream ' +
        'where principal = ? and session = ? and name = ?',
    ),
    add: prepare(
      'insert into stream (principal, session, name, owner, purpose, owed, last_seq, bytes, ' +
        'begun_at) values (?, ?, ?, ?, ?, ?, 0, 0, ?)',
    ),
    setOwner: prepare('update stream set owner = ? where id = ?'),
    setOwed: prepare('update stream set owed = ? where id = ?'),
    advance: prepare('update stream set last_seq = ?, bytes = bytes + ? where id = ?'),
    end: prepare('update stream set finished_at = ? where id = ?'),
    remove: prepare('delete from stream where id = ?'),
    ofSession: prepare('select * from stream where principal = ? and session = ?'),
    finishedBefore: prepare(
      `select * ${finished} and finished_at < ? order by finished_at limit ?`,
    ),
    begunBefore: prepare('select * from stream where begun_at < ? limit ?'),
    firstOfSession: prepare(
      `select * ${finished} and principal = ? and session = ? and id <> ? ${first}`,
    ),
    first: prepare(`select * ${finished} and id <> ? ${first}`),
    bytes: prepare('select coalesce(sum(bytes), 0) as bytes from stream'),
    sessionBytes: prepare(
      'select coalesce(sum(bytes), 0) as bytes from stream where principal = ? and session = ?',
    ),
  };
}
