import { beforeEach, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../../src/stores/sqlite/database.js';

let log: string[] = [];
let failing: { readonly sql: string; readonly error: Error } | undefined;
let database: Database;

beforeEach(() => {
  log = [];
  failing = undefined;
  const connection = {
    exec: (sql: string) => void log.push(sql),
    prepare: (sql: string) => ({
      run() {
        if (failing?.sql === sql) throw failing.error;
        return log.push(sql);
      },
      get: () => undefined,
      all: () => [],
    }),
    close: () => undefined,
  };
  database = createDatabase(connection, '/a/store.db');
  database.onUndone(() => log.push('undone'));
});

const step = (name: string) => (): void => {
  log.push(name);
  database.onceKept(() => log.push(`told of ${name}`));
};

test('who is told is told once all is kept', () => {
  database.whole(step('a'));
  expect(log).toEqual(['begin immediate', 'a', 'commit', 'told of a']);
});

test('a step within another is a part of it', () => {
  const result = database.whole(() => {
    step('a')();
    database.whole(step('b'));
    return 'c';
  });
  expect(result).toBe('c');
  expect(log).toEqual(['begin immediate', 'a', 'b', 'commit', 'told of a', 'told of b']);
});

test('a step that fails is taken back, nobody is told of it, and the next goes on', () => {
  const fail = (): void => {
    step('a')();
    throw new Error('no');
  };
  expect(() => database.whole(fail)).toThrow('no');
  expect(log).toEqual(['begin immediate', 'a', 'rollback', 'undone']);
  log = [];
  database.whole(step('b'));
  expect(log).toEqual(['begin immediate', 'b', 'commit', 'told of b']);
});

test('what cannot be kept is taken back, and says why', () => {
  const error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  failing = { sql: 'commit', error };
  expect(() => database.whole(step('a'))).toThrow('There is no room left for /a/store.db');
  expect(log).toEqual(['begin immediate', 'a', 'rollback', 'undone']);
});

test('what has been taken back already is no other fault', () => {
  failing = { sql: 'rollback', error: new Error('no transaction is active') };
  const fail = (): void => {
    throw new Error('the first');
  };
  expect(() => database.whole(fail)).toThrow('the first');
});

test('who is told may begin another step', () => {
  database.whole(() => database.onceKept(() => database.whole(step('b'))));
  expect(log).toEqual([
    ...['begin immediate', 'commit'],
    ...['begin immediate', 'b', 'commit', 'told of b'],
  ]);
});
