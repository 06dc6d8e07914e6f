import type { Clock } from '../../platform/clock.js';
import type { Limits } from '../../limits.js';
import type { SessionStore, StoredSession } from '../session-store.js';
import type { Database } from './database.js';
import type { Row } from './driver.js';
import type { SqliteEvents } from './events.js';
import type { Reader } from './row.js';
import { toText } from './text.js';

export interface SessionsOptions {
  readonly database: Database;
  readonly read: Reader;
  readonly limits: Limits;
  readonly clock: Clock;
  /** They end with the session, in the same step. */
  readonly events: SqliteEvents;
}

export interface SqliteSessions extends SessionStore {
  /** Forgets those that were not seen for as long as `add` was last told. */
  expire(): void;
}

export function sqliteSessions({
  database,
  read,
  limits,
  clock,
  events,
}: SessionsOptions): SqliteSessions {
  const sql = statementsOf(database);
  let idleMs = Infinity;
  let size: number | undefined;
  database.onUndone(() => (size = undefined));

  const find = (principal: string, hash: string): Row | undefined =>
    sql.find.get(toText(hash), toText(principal));
  const remove = (principal: string, hash: string): void => {
    const removed = sql.remove.run(toText(hash), toText(principal));
    if (size !== undefined) size -= removed;
    void events.forgetSession(principal, hash);
  };
  /** Forgets as many as one step may; tells whether there are none left. */
  const expireSeenBefore = (time: number): boolean => {
    const rows = sql.seenBefore.all(time, limits.storeForgetMax);
    for (const row of rows) remove(read.text(row, 'principal'), read.text(row, 'hash'));
    return rows.length < limits.storeForgetMax;
  };
  const count = (row: Row | undefined): number => read.number(row, 'count');
  const sizeSince = (time: number): number =>
    expireSeenBefore(time)
      ? (size ??= count(sql.count.get(-Infinity)))
      : count(sql.count.get(time));

  return {
    isShared: false,
    add(session, { max, perCallerMax, seenSince }) {
      const { hash, principal, countedAs, createdAt, lastSeenAt, version, record } = session;
      idleMs = clock.now() - seenSince;
      const caller = countedAs === undefined ? null : toText(countedAs);
      return database.whole(() => {
        if (sizeSince(seenSince) >= max) return 'full';
        if (caller !== null && count(sql.countOf.get(caller, seenSince)) >= perCallerMax) {
          return 'callerIsFull';
        }
        const names = [toText(hash), toText(principal), caller];
        sql.add.run(...names, createdAt, lastSeenAt, version, JSON.stringify(record));
        if (size !== undefined) size++;
        return 'added';
      });
    },
    replace({ hash, principal, lastSeenAt, version, record }) {
      const text = JSON.stringify(record);
      const names = [toText(hash), toText(principal)];
      return sql.replace.run(version, lastSeenAt, text, ...names, version - 1) === 1;
    },
    touch(principal, hash, lastSeenAt) {
      sql.touch.run(lastSeenAt, toText(hash), toText(principal), lastSeenAt);
    },
    get(principal, hash) {
      const row = find(principal, hash);
      return row === undefined ? undefined : readSession(row, read);
    },
    delete(principal, hash) {
      database.whole(() => {
        if (find(principal, hash) !== undefined) remove(principal, hash);
      });
    },
    expire() {
      database.whole(() => void expireSeenBefore(clock.now() - idleMs));
    },
  };
}

function readSession(row: Row, read: Reader): StoredSession {
  const countedAs = read.optionalText(row, 'counted_as');
  return {
    hash: read.text(row, 'hash'),
    principal: read.text(row, 'principal'),
    ...(countedAs === undefined ? {} : { countedAs }),
    createdAt: read.number(row, 'created_at'),
    lastSeenAt: read.number(row, 'last_seen_at'),
    version: read.number(row, 'version'),
    record: read.json(row, 'record'),
  };
}

function statementsOf({ prepare }: Database) {
  const own = 'where hash = ? and principal = ?';
  return {
    find: prepare(`select * from session ${own}`),
    add: prepare(
      'insert into session (hash, principal, counted_as, created_at, last_seen_at, version, ' +
        'record) values (?, ?, ?, ?, ?, ?, ?)',
    ),
    replace: prepare(
      `update session set version = ?, last_seen_at = ?, record = ? ${own} and version = ?`,
    ),
    touch: prepare(`update session set last_seen_at = ? ${own} and last_seen_at < ?`),
    remove: prepare(`delete from session ${own}`),
    seenBefore: prepare('select hash, principal from session where last_seen_at < ? limit ?'),
    count: prepare('select count(*) as count from session where last_seen_at >= ?'),
    countOf: prepare(
      'select count(*) as count from session where counted_as = ? and last_seen_at >= ?',
    ),
  };
}
