/**
 * The layering rule as data. A file imports from its own room and from rooms in rows below its
 * own, never from another room of its row and never from above.
 */

/**
 * A room is a folder, one file, or a pattern with one star; the longest match wins. `<index>`
 * stands for the index file of each sub-path that package.json exports.
 */
export const ladder: readonly (readonly string[])[] = [
  ['cli/', 'console/'],
  ['gateway/', 'testing/'],
  ['<index>'],
  ['pipe.ts', 'connect.ts'],
  ['connect/'],
  [
    'server/',
    'client/',
    'transports/memory.ts',
    'transports/stdio/',
    'transports/http/',
    'auth/',
    'observe/',
    'stores/',
  ],
  ['transports/byte-list.ts'],
  ['eras/'],
  ['engine/'],
  ['authorization.ts', 'credentials.ts'],
  ['exchange.ts'],
  ['stores/*-store.ts'],
  ['protocol/'],
  ['json-rpc/', 'json-schema/'],
  ['errors.ts', 'limits.ts', 'events.ts', 'platform/'],
];

/** Pairs that never meet, whatever their rows. They bind the index files of these folders too. */
export const strangers: readonly (readonly [from: string, to: string, why: string])[] = [
  ['server/', 'eras/', 'a server is written once for every era'],
  ['server/', 'transports/', 'server and transports meet only as an Exchange'],
  ['transports/', 'server/', 'server and transports meet only as an Exchange'],
  ['transports/', 'client/', 'client and transports meet only as an Exchange'],
  ['eras/modern/', 'eras/legacy/', 'each era must be removable alone'],
  ['eras/legacy/', 'eras/modern/', 'each era must be removable alone'],
];

/** Where the modules of Node may be imported; everything else runs on any runtime. */
export const nodePlaces: readonly string[] = [
  'transports/stdio/',
  'transports/http/node',
  'platform/node',
  'auth/node',
  'stores/',
  'observe/',
  'gateway/',
  'console/',
  'testing/',
  'cli/',
];

/** Files that a browser loads: nothing that they import statically may need Node. */
export const browserEntrances: readonly string[] = [
  'index.ts',
  'connect.ts',
  'client/index.ts',
  'server/index.ts',
];

/** Who may name an implementation of a store; everybody else knows the interface only. */
export const storeUsers: readonly string[] = [
  '<index>',
  'connect.ts',
  'cli/',
  'testing/',
  'stores/',
];

/**
 * Outside packages: which, where, and whether only their types, only lazily, or freely.
 * `<computed>` stands for modules whose names are known only when the program runs.
 */
export const packages: readonly {
  readonly name: string;
  readonly where: string;
  readonly how: 'types' | 'lazily' | 'freely';
}[] = [
  { name: 'commander', where: 'cli/', how: 'freely' },
  { name: 'jose', where: 'auth/', how: 'lazily' },
  { name: 'oauth4webapi', where: 'auth/', how: 'lazily' },
  { name: 'ioredis', where: 'stores/redis/', how: 'lazily' },
  { name: 'better-sqlite3', where: 'stores/sqlite/', how: 'lazily' },
  { name: 'libsql', where: 'stores/sqlite/', how: 'lazily' },
  { name: 'rate-limiter-flexible', where: 'stores/', how: 'lazily' },
  { name: '<computed>', where: 'cli/load-server.ts', how: 'lazily' },
];
