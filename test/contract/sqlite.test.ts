import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, test } from 'vitest';
import type { ServerStore } from '../../src/stores/server-store.js';
import { type SqliteOptions, sqliteStore } from '../../src/stores/sqlite.js';
import {
  type ContractCase,
  durableStoreContract,
  eventBoundsContract,
  eventStoreContract,
  keyStoreContract,
  sessionStoreContract,
  taskStoreContract,
} from '../../src/testing/index.js';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-contract-'));
const opened: ServerStore[] = [];
let files = 0;

const open = async (options: SqliteOptions = {}): Promise<ServerStore> => {
  const store = await sqliteStore(join(folder, `${++files}.db`), options);
  opened.push(store);
  return store;
};

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const contracts: { readonly [part: string]: readonly ContractCase[] } = {
  events: eventStoreContract(async () => (await open()).events),
  bounds: eventBoundsContract(async (given) => (await open(given)).events),
  sessions: sessionStoreContract(async () => (await open()).sessions, { countsRoom: true }),
  tasks: taskStoreContract(async () => (await open()).tasks),
  keys: keyStoreContract(async () => (await open()).keys),
  'opened again': durableStoreContract(() => {
    const file = join(folder, `${++files}.db`);
    return () => sqliteStore(file);
  }),
};

describe.each(Object.entries(contracts))('SQLite: %s', (_part, cases) => {
  test.each(cases)('$name', ({ run }) => run());
});
