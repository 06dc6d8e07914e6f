/** What is kept of logins outlives its processes, and nobody else reads it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileTokens, memoryTokens, type TokenStore } from '../../../src/auth/index.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { storeKeys } from '../../../src/auth/token-store.js';
import { createFileLock } from '../../../src/auth/node-file-lock.js';
import { defaultLimits } from '../../../src/limits.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const set = (store: TokenStore, key: string, value: string): Promise<unknown> =>
  store.update(key, () => Promise.resolve({ value }));

describe.each([
  ['in memory', (): TokenStore => memoryTokens()],
  ['in files', (): TokenStore => fileTokens(join(folder, 'deep'))],
])('a store %s', (_name, open) => {
  test('keeps, replaces and forgets an entry', async () => {
    const store = open();
    expect(await store.get('a')).toBeUndefined();
    await set(store, 'a', 'one');
    await set(store, 'b', 'other');
    expect(await set(store, 'a', 'two')).toEqual({ value: 'two' });
    expect(await store.get('a')).toEqual({ value: 'two' });
    expect(await store.update('a', () => Promise.resolve(undefined))).toBeUndefined();
    expect(await store.get('a')).toBeUndefined();
    expect(await store.get('b')).toEqual({ value: 'other' });
  });

  test('changes one entry by one after the other', async () => {
    const store = open();
    const add = (): Promise<unknown> =>
      store.update('n', (now) => Promise.resolve({ n: Number(now?.['n'] ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 20 }, add));
    expect(await store.get('n')).toEqual({ n: 20 });
  });

  test('keeps what was there when a change fails, and goes on', async () => {
    const store = open();
    await set(store, 'a', 'one');
    await expect(store.update('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.get('a')).toEqual({ value: 'one' });
    await set(store, 'a', 'two');
  });
});

test('a store in memory keeps as much as it may, and not one entry more', async () => {
  const store = memoryTokens(2);
  for (const key of ['a', 'b']) await set(store, key, key);
  expect(await store.get('a')).toBeDefined();
  await set(store, 'c', 'c');
  expect(await store.get('a')).toBeUndefined();
  expect(await store.get('b')).toBeDefined();
});

test('files are for their owner alone, also in a folder that was not', async () => {
  chmodSync(folder, 0o755);
  await set(fileTokens(folder), 'a', 'secret');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const names = readdirSync(folder);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('a folder that somebody has deleted is made again', async () => {
  const store = fileTokens(join(folder, 'deep'));
  await set(store, 'a', 'one');
  rmSync(join(folder, 'deep'), { recursive: true });
  await set(store, 'a', 'two');
  expect(await store.get('a')).toEqual({ value: 'two' });
});

test.each([0o644, 0o660, 0o602])('an entry that others may open is not read: %o', async (mode) => {
  const store = fileTokens(folder);
  await set(store, 'a', 'secret');
  const name = readdirSync(folder).find((one) => !one.includes('.'))!;
  chmodSync(join(folder, name), mode);
  await expect(store.get('a')).rejects.toThrow('is open to others');
});

test('logins that nobody came back from leave nothing behind', async () => {
  const { loginMs, tokenLockMs } = defaultLimits;
  const login = async (state: string, agoMs: number): Promise<void> => {
    const before = new Set(readdirSync(folder));
    await set(fileTokens(folder), storeKeys.login(state), state);
    const then = new Date(Date.now() - agoMs);
    const isNew = (name: string): boolean => !before.has(name) && name.startsWith('login-');
    for (const name of readdirSync(folder).filter(isNew)) {
      utimesSync(join(folder, name), then, then);
    }
  };
  const stale = join(folder, 'x.0.tmp');
  writeFileSync(stale, '');
  utimesSync(stale, 1, 1);
  for (let at = 0; at < 300; at++) await login(`old-${at}`, loginMs + tokenLockMs + 1000);
  await login('new', 0);
  const names = readdirSync(folder);
  expect(names.filter((name) => name.startsWith('login-'))).toHaveLength(1);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  // What is left are locks, which many entries share.
  expect(names.length).toBeLessThanOrEqual(1 + 256);
  expect(await fileTokens(folder).get(storeKeys.login('new'))).toEqual({ value: 'new' });
});

test('looking leaves no trace', async () => {
  expect(await fileTokens(join(folder, 'none')).get('a')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test(
  'a process that is killed at any moment leaves an entry whole and no lock',
  {
    timeout: 60_000,
  },
  async () => {
    const program = fileURLToPath(new URL('token-writer.ts', import.meta.url));
    const store = fileTokens(folder);
    let last = 0;
    for (let kill = 1; kill <= 8; kill++) {
      const child = spawn(process.execPath, ['--import', 'tsx', program, folder]);
      let written = 0;
      // Killed by what it says, so that each time it is somewhere else in its work.
      child.stdout.on('data', (chunk: Buffer) => {
        written += chunk.length;
        if (written >= kill * 7) child.kill('SIGKILL');
      });
      let isOver = false;
      const closed = once(child, 'close').then(() => (isOver = true));
      // Whoever reads meanwhile sees the old one or the new one.
      while (!isOver) {
        const seen = await store.get('n');
        expect(isWhole(seen) || (last === 0 && seen === undefined)).toBe(true);
        last = Number(seen?.['n'] ?? 0);
      }
      await closed;
      const entry = await store.get('n');
      expect(Number(entry?.['n'])).toBeGreaterThanOrEqual(last);
      expect(entry?.['filler']).toHaveLength(20_000);
      last = Number(entry?.['n']);
      // Nobody waits for the dead.
      await store.update('n', (now) => Promise.resolve(now));
    }
    expect(last).toBeGreaterThan(8);
  },
);

describe('a lock', () => {
  const held = (path: string, holder: object, agoMs: number): void => {
    writeFileSync(`${path}.1`, JSON.stringify(holder));
    const then = new Date(Date.now() - agoMs);
    utimesSync(`${path}.1`, then, then);
  };
  const elsewhere = { host: 'another-host', pid: 1, born: '1' };
  const { tokenLockMs } = defaultLimits;

  test.each([
    ['by nobody', {}, 0],
    ['by a process that is gone', { host: undefined, pid: 2 ** 22 + 1, born: '1' }, 0],
    ['by an earlier process of our number', { host: undefined, pid: process.pid, born: '1' }, 0],
    ['for longer than anybody works', elsewhere, tokenLockMs + 1000],
  ])('that is held %s is taken over', async (_name, holder, agoMs) => {
    const path = join(folder, 'l');
    held(path, 'host' in holder ? { ...holder, host: holder.host ?? hostname() } : holder, agoMs);
    const lock = await createFileLock(path);
    await expect(lock.stillHeld()).resolves.toBeUndefined();
    await lock.release();
  });

  test.each([
    ['by another host', elsewhere],
    ['by a process of another container', { host: hostname(), pid: 2 ** 22 + 1, space: 'other' }],
  ])('that is held %s is waited for', async (_name, holder) => {
    const path = join(folder, 'l');
    held(path, holder, tokenLockMs - 10_000);
    let isOurs = false;
    const waiting = createFileLock(path).then((lock) => {
      isOurs = true;
      return lock;
    });
    for (let look = 0; look < 20; look++) await readTwice(path);
    expect(isOurs).toBe(false);
    writeFileSync(`${path}.1`, '{}');
    await (await waiting).release();
  });

  test('tells a holder that was stopped for long that it was succeeded', async () => {
    const path = join(folder, 'l');
    const lock = await createFileLock(path);
    const then = new Date(Date.now() - tokenLockMs - 1000);
    utimesSync(`${path}.1`, then, then);
    const next = await createFileLock(path);
    await expect(lock.stillHeld()).rejects.toThrow('held by another');
    await next.stillHeld();
    await next.release();
  });

  test('leaves one small file, however often it is taken', async () => {
    const path = join(folder, 'l');
    for (let turn = 0; turn < 5; turn++) await (await createFileLock(path)).release();
    expect(readdirSync(folder)).toEqual(['l.5']);
  });
});

function isWhole(entry: JsonObject | undefined): boolean {
  return typeof entry?.['filler'] === 'string' && entry['filler'].length === 20_000;
}

/** Some work of the file system, in which a lock that is free would be taken. */
async function readTwice(path: string): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  await readFile(`${path}.1`);
  await readFile(`${path}.1`);
}
