/** The file behind a store in SQLite: whose it is, who may have it, and what may be wrong with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import { systemRandom } from '../../src/platform/random.js';
import type { StreamKey } from '../../src/stores/event-store.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import { type Connection, findDriver } from '../../src/stores/sqlite/driver.js';
import { openStore } from '../../src/stores/sqlite/store.js';
import { type SqliteOptions, sqliteStore } from '../../src/stores/sqlite.js';
import { manualClock } from '../../src/testing/index.js';

const key: StreamKey = { principal: 'ann', session: 's', stream: 'a' };
const isWindows = process.platform === 'win32';

let folder = '';
let file = '';
let stores: ServerStore[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-file-'));
  file = join(folder, 'store.db');
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(path = file, options: SqliteOptions = {}): Promise<ServerStore> {
  const store = await sqliteStore(path, options);
  stores.push(store);
  return store;
}

/** A store with one stream of one event, closed again. */
async function filled(): Promise<void> {
  const store = await open();
  await store.events.begin(key, { owner: 'n', purpose: 'answers', owed: [1] });
  await store.events.append(key, 'n', { seq: 1, data: '{"jsonrpc":"2.0"}' });
  const about = { hash: 'h', principal: 'ann', createdAt: 1, lastSeenAt: 1, version: 1 };
  await store.sessions.add({ ...about, record: {} }, { max: 9, perCallerMax: 9, seenSince: 0 });
  await store.close();
}

/** Changes what is in the file behind the back of everybody. */
async function meddle(sql: string, path = file): Promise<void> {
  const connection: Connection = (await findDriver())(path);
  connection.exec(sql);
  connection.close();
}

describe('the file', () => {
  test.skipIf(isWindows)('is for its owner alone, and so is its log', async () => {
    const store = await open();
    await store.events.begin(key, { owner: 'n', purpose: 'answers', owed: [] });
    for (const ending of ['', '-wal']) {
      expect([ending, statSync(file + ending).mode & 0o777]).toEqual([ending, 0o600]);
    }
    // Nobody needs one: no other process looks into the log.
    expect(existsSync(`${file}-shm`)).toBe(false);
  });

  test.skipIf(isWindows).each(['640', '604', '622'])('is refused with mode %s', async (text) => {
    await filled();
    chmodSync(file, Number.parseInt(text, 8));
    await expect(open()).rejects.toThrow(`others may open it (${text}): "chmod 600" it`);
    chmodSync(file, 0o600);
    await open();
  });

  test('is whole by itself once the store is closed', async () => {
    await filled();
    expect(existsSync(`${file}-wal`)).toBe(false);
    copyFileSync(file, join(folder, 'copy.db'));
    chmodSync(join(folder, 'copy.db'), 0o600);
    const copy = await open(join(folder, 'copy.db'));
    expect(await copy.events.after(key, 0)).toHaveLength(1);
  });

  test.each([
    ['', 'needs a file'],
    [':memory:', 'needs a file'],
    [join('no', 'such', 'folder', 'store.db'), 'cannot be created: there is no such folder'],
    ['.', 'is no file'],
  ])('cannot be "%s"', async (name, message) => {
    const path = name === '' || name === ':memory:' ? name : join(folder, name);
    await expect(open(path)).rejects.toThrow(message);
  });

  test('a name that looks like an address is a name', async () => {
    const here = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(here));
    await expect(open('http://127.0.0.1/x.db')).rejects.toThrow('there is no such folder');
    await open('file:x.db');
    expect(existsSync(join(folder, 'file:x.db'))).toBe(true);
  });
});

describe('one process owns it', () => {
  const holder = `
    const [driver, file] = process.argv.slice(1);
    const { DatabaseSync } = driver === 'libsql' ? {} : require('node:sqlite');
    const Database = DatabaseSync ?? require('libsql');
    const database = new Database(file);
    database.exec('pragma locking_mode = exclusive; begin exclusive');
    console.log('held');
    setInterval(() => database, 1000);
  `;

  test('another process is told what to do, and may have it afterwards', async () => {
    await filled();
    const driver = Number(process.versions.node.split('.')[0]) >= 24 ? 'node:sqlite' : 'libsql';
    const other = spawn(process.execPath, ['-e', holder, driver, file], { stdio: 'pipe' });
    onTestFinished(() => void other.kill('SIGKILL'));
    await once(other.stdout, 'data');
    await expect(open()).rejects.toThrow(
      'is in use by another process. One process owns such a file: end the other one first',
    );
    other.kill('SIGKILL');
    await once(other, 'exit');
    const store = await open();
    expect(await store.events.after(key, 0)).toHaveLength(1);
  });

  test('it is kept from the first moment on, also while nothing is done with it', async () => {
    await open();
    const reader = `
      const Database = require('libsql');
      try { new Database(process.argv[1]).prepare('select * from stream').all([]); }
      catch (error) { console.log(error.code); }
    `;
    const other = spawn(process.execPath, ['-e', reader, file], { stdio: 'pipe' });
    const [said] = (await once(other.stdout, 'data')) as [Buffer];
    expect(String(said)).toBe('SQLITE_BUSY\n');
  });

  test('the same process cannot open it twice, by whatever name', async () => {
    const store = await open();
    await expect(open()).rejects.toThrow('is open in this process already');
    symlinkSync(file, join(folder, 'link.db'));
    await expect(open(join(folder, 'link.db'))).rejects.toThrow('is open in this process already');
    await store.close();
    await open();
  });

  test('once it is closed, calls reject, and it can be closed again', async () => {
    const store = await open();
    await store.close();
    await store.close();
    const call = store.events.state(key);
    await expect(call).rejects.toThrow('is closed');
    expect(store.sessions.isShared).toBe(false);
  });
});

describe('what cannot be used is refused', () => {
  test('a file of a newer version', async () => {
    await filled();
    await meddle('pragma user_version = 2');
    await expect(open()).rejects.toThrow('was written by a newer version (form 2');
  });

  test('the database of another program', async () => {
    writeFileSync(file, '', { mode: 0o600 });
    await meddle('create table theirs (x); insert into theirs values (1)');
    const before = readFileSync(file);
    await expect(open()).rejects.toThrow('is the database of another program');
    expect(readFileSync(file).equals(before)).toBe(true);
    await meddle('delete from theirs');
  });

  test('what is no database at all', async () => {
    writeFileSync(file, 'something that somebody wrote there, and that is long enough'.repeat(99), {
      mode: 0o600,
    });
    await expect(open()).rejects.toThrow('is damaged, or is no SQLite database. Put a copy');
    expect(readFileSync(file, 'utf8')).toContain('something that somebody wrote');
  });

  test('a file that lost its middle', async () => {
    const store = await open();
    const purpose = { owner: 'n', purpose: 'answers', owed: [] } as const;
    await store.events.begin(key, purpose);
    for (let seq = 1; seq <= 300; seq++) {
      await store.events.append(key, 'n', { seq, data: JSON.stringify('x'.repeat(900)) });
    }
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096 * 3, bytes.length - 4096);
    writeFileSync(file, bytes);
    const damaged = open().then((again) => again.events.after(key, 0));
    await expect(damaged).rejects.toThrow('is damaged');
  });

  test('an empty file is a new one', async () => {
    writeFileSync(file, '', { mode: 0o600 });
    const store = await open();
    expect(await store.events.state(key)).toBeUndefined();
  });

  test('a driver that is not there', async () => {
    await expect(open(file, { driver: 'better-sqlite3' })).rejects.toThrow(
      'There is no better-sqlite3 here. Node has SQLite built in from 22.13 on; ' +
        'for older ones run "npm install libsql"',
    );
  });
});

describe('a row that nobody can have written is a fault, never something else', () => {
  test.each<[string, (store: ServerStore) => unknown]>([
    [`update event set data = '{"jsonrpc":"2.1"}'`, (store) => store.events.after(key, 0)],
    ['update event set seq = 2', (store) => store.events.after(key, 0)],
    ["update stream set session = 't'", (store) => store.events.after({ ...key, session: 't' }, 0)],
    [`update event set data = '"x'`, (store) => store.events.after(key, 0)],
    ["update stream set owed = '[true]'", (store) => store.events.state(key)],
    ["update stream set owed = '[1'", (store) => store.events.state(key)],
    ["update stream set purpose = 'x'", (store) => store.events.state(key)],
    ["update session set record = '{'", (store) => store.sessions.get('ann', 'h')],
  ])('%s', async (sql, read) => {
    await filled();
    await meddle(sql);
    const store = await open();
    const outcome = Promise.resolve(read(store));
    await expect(outcome).rejects.toThrow(`${file} is damaged: `);
  });

  test('the task of another row', async () => {
    const store = await open();
    const task = { id: 't', owner: 'bob', node: 'n', createdAt: 1, updatedAt: 1, ttlMs: 1 };
    const rest = { pollIntervalMs: 1, status: 'working', restartable: false, keys: [] } as const;
    const request = { method: 'tools/call' };
    await store.tasks.add({ ...task, ...rest, request, caller: {} }, { max: 1 });
    await store.close();
    await meddle("update task set owner = 'ann'");
    const again = await open();
    await expect(again.tasks.get('ann', 't')).rejects.toThrow('that of another row');
  });
});

describe('time goes on without anybody asking', () => {
  test('finished streams are forgotten, and what is older than any session', async () => {
    const clock = manualClock();
    const store = await open(file, { clock, limits: { eventTtlMs: 1000, sessionTotalMs: 10_000 } });
    const told = vi.fn<() => void>();
    const other = { ...key, stream: 'b' };
    for (const one of [key, other]) {
      await store.events.begin(one, { owner: 'n', purpose: 'answers', owed: [] });
    }
    await store.events.finish(key, 'n', 0);
    await store.events.watch(key, told);
    await clock.advance(6000);
    expect(told).toHaveBeenCalledOnce();
    expect(await store.events.state(key)).toBeUndefined();
    expect(await store.events.state(other)).toBeDefined();
    await clock.advance(10_000);
    expect(await store.events.state(other)).toBeUndefined();
    await store.close();
    expect(clock.waiting).toBe(0);
  });

  test('sessions that are not seen any more go with their streams', async () => {
    const clock = manualClock();
    const now = clock.now();
    const store = await open(file, { clock });
    const about = { hash: 's', principal: 'ann', createdAt: now, lastSeenAt: now, version: 1 };
    const room = { max: 9, perCallerMax: 9, seenSince: now - 20_000 };
    await store.sessions.add({ ...about, record: {} }, room);
    await store.events.begin(key, { owner: 'n', purpose: 'answers', owed: [] });
    await clock.advance(20_000);
    expect(await store.sessions.get('ann', 's')).toBeDefined();
    await clock.advance(5000);
    expect(await store.sessions.get('ann', 's')).toBeUndefined();
    expect(await store.events.state(key)).toBeUndefined();
  });
});

test('what failed is taken back whole, and the next goes on', async () => {
  const store = await open(file, { limits: { eventBytesMax: 30 } });
  const room = { max: 9, perCallerMax: 9, seenSince: 0 };
  const about = { hash: 'h', principal: 'ann', createdAt: 1, lastSeenAt: 1, version: 1 };
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  await expect(store.sessions.add({ ...about, record: cyclic }, room)).rejects.toThrow(TypeError);
  expect(await store.sessions.add({ ...about, record: 1 }, { ...room, max: 1 })).toBe('added');
  expect(await store.sessions.add({ ...about, hash: 'i', record: 1 }, { ...room, max: 1 })).toBe(
    'full',
  );
});

test('a watcher is told once all is kept, and may use the store', async () => {
  const store = await open();
  await store.events.begin(key, { owner: 'n', purpose: 'answers', owed: [] });
  const seen: unknown[] = [];
  await store.events.watch(key, () => {
    seen.push(store.events.after(key, 0));
    void store.events.begin({ ...key, stream: 'z' }, { owner: 'n', purpose: 'notices', owed: [] });
  });
  await store.events.append(key, 'n', { seq: 1, data: 'x' });
  expect(seen).toEqual([[{ seq: 1, data: 'x' }]]);
  expect(await store.events.state({ ...key, stream: 'z' })).toBeDefined();
});

test('with FULL, every write is on the disk before it is taken', async () => {
  const statements: string[] = [];
  const connect = await findDriver();
  for (const synchronous of ['NORMAL', 'FULL'] as const) {
    const store = openStore({
      ...{ file, synchronous, limits: resolveLimits(), random: systemRandom },
      clock: manualClock(),
      connect(path) {
        const connection = connect(path);
        const level = () => connection.prepare('pragma synchronous').get()?.['synchronous'];
        return {
          ...connection,
          close: () => (statements.push(String(level())), connection.close()),
        };
      },
    });
    await store.close();
  }
  expect(statements).toEqual(['1', '2']);
});
