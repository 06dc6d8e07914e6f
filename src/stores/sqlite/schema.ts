import type { Connection } from './driver.js';

/** Tells a file of ours from that of another program: "Port", in letters. */
const applicationId = 0x506f7274;

/** One for each form that these tables ever had. */
const schemaVersion = 1;

/**
 * Times are ms since 1970, `real` because a clock may have parts of them. A stream takes its events
 * with it.
 */
const tables = `
create table session (
  hash text primary key,
  principal text not null,
  counted_as text,
  created_at real not null,
  last_seen_at real not null,
  version integer not null,
  record text not null
) strict, without rowid;
create index session_by_caller on session (counted_as);
create index session_by_time on session (last_seen_at);

create table stream (
  id integer primary key autoincrement,
  principal text not null,
  session text not null,
  name text not null,
  owner text not null,
  purpose text not null,
  owed text not null,
  last_seq integer not null,
  bytes integer not null,
  begun_at real not null,
  finished_at real,
  unique (principal, session, name)
) strict;
create index stream_by_end on stream (finished_at) where finished_at is not null;
create index stream_by_time on stream (begun_at);

create table event (
  stream integer not null,
  seq integer not null,
  size integer not null,
  checksum integer not null,
  data text not null,
  primary key (stream, seq)
) strict, without rowid;
create trigger forget_events after delete on stream begin
  delete from event where stream = old.id;
end;

create table task (
  place integer primary key autoincrement,
  id text not null unique,
  owner text not null,
  node text not null,
  ends_at real not null,
  record text not null
) strict;
create index task_by_owner on task (owner, place);
create index task_by_end on task (ends_at);

create table sealing_key (
  place integer primary key autoincrement,
  id text not null,
  secret text not null,
  created_at real not null
) strict;
`;

/** Whether a file is still empty; refuses one that this version cannot know, changing nothing. */
export function isNew(connection: Connection, file: string): boolean {
  const number = (pragma: string): number =>
    Number(Object.values(connection.prepare(`pragma ${pragma}`).get() ?? {})[0]);
  const version = number('user_version');
  const id = number('application_id');
  if (id === applicationId && version === schemaVersion) return false;
  if (id === applicationId && version > schemaVersion) {
    throw new Error(
      `${file} was written by a newer version (form ${version}, this one knows ` +
        `${schemaVersion}): install that again, or begin with another file`,
    );
  }
  const held = connection.prepare('select count(*) as count from sqlite_schema').get();
  if (id !== 0 || version !== 0 || held?.['count'] !== 0) {
    throw new Error(`${file} is the database of another program; name another file`);
  }
  return true;
}

export function makeTables(connection: Connection): void {
  // In one step, so that whoever is killed meanwhile leaves an empty file.
  connection.exec(
    `begin immediate; ${tables}
    pragma application_id = ${applicationId}; pragma user_version = ${schemaVersion}; commit`,
  );
}
