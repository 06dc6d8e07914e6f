import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  brokenLayers,
  brokenPackages,
  brokenRuntimes,
  brokenStores,
  importEdges,
  roomOf,
} from './imports.js';
import { ladder } from './ladder.js';
import { readSources, root, sourceOf } from './source.js';

const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, string>;
};
const indexes = new Set(
  Object.values(manifest.exports).map((path) => path.replace('./dist/', '').replace('.js', '.ts')),
);
const sources = readSources('src');
const edges = importEdges(sources);

describe('the layering rule', () => {
  test('is printed, top row first', () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) {
      const { room } = roomOf(path, indexes);
      counts.set(room, (counts.get(room) ?? 0) + 1);
    }
    const lines = ladder.map((rooms) =>
      rooms.map((room) => `${room} (${counts.get(room) ?? 0})`).join(' | '),
    );
    console.log(`The ladder, with files in each room:\n${lines.join('\n')}`);
    expect(sources.length).toBeGreaterThan(0);
  });

  test('every file stands in a room', () => {
    const homeless = sources.filter(({ path }) => roomOf(path, indexes).row < 0);
    expect(homeless.map(({ path }) => path)).toEqual([]);
  });

  test('rooms see only rooms below', () => expect(brokenLayers(edges, indexes)).toEqual([]));

  test('Node stays at the edge', () => expect(brokenRuntimes(edges)).toEqual([]));

  test('stores are chosen where things are put together', () =>
    expect(brokenStores(edges, indexes)).toEqual([]));

  test('the core needs no outside package', () => expect(brokenPackages(edges)).toEqual([]));
});

describe('the rule notices', () => {
  test.each([
    ['a look upwards', 'engine/channel.ts', "import { a } from '../eras/classify.js';", 'above'],
    ['a look at a neighbour', 'client/a.ts', "import { a } from '../auth/b.js';", 'a neighbour'],
    ['a type from a neighbour', 'auth/a.ts', "import type { A } from '../client/b.js';", 'neigh'],
    ['a type import expression', 'engine/a.ts', "type A = import('../cli/b.js').A;", 'above'],
    ['a lazy look upwards', 'engine/a.ts', "await import('../cli/main.js');", 'above'],
    ['a re-export', 'protocol/a.ts', "export { a } from '../engine/b.js';", 'above'],
    ['a sub-path index used inside', 'server/a.ts', "import { a } from './index.js';", 'above'],
    ['one index behind another', 'index.ts', "export { a } from './server/index.js';", 'neigh'],
    ['an era in the server', 'server/a.ts', "import '../eras/classify.js';", 'every era'],
    ['a server in a transport', 'transports/http/index.ts', "import '../../server/a.js';", 'Exch'],
    ['one era in the other', 'eras/modern/a.ts', "import '../legacy/b.js';", 'removable'],
    ['a file without a room', 'engine/a.ts', "import '../helpers/b.js';", 'no room'],
  ])('%s', (_name, path, text, why) => {
    expect(brokenLayers(importEdges([sourceOf(path, text)]), indexes)).toEqual([
      expect.stringContaining(why),
    ]);
  });

  test('nothing wrong in a look downwards or within a room', () => {
    const good = [
      sourceOf('transports/http/modern.ts', "import '../../eras/classify.js'; import './reply.js'"),
      sourceOf('transports/http/index.ts', "import './modern.js'; import '../../stores/memory.js'"),
      sourceOf('testing/index.ts', "import './pair.js'; import '../connect.js';"),
      sourceOf('json-rpc/parse.ts', "import '../errors.js';"),
    ];
    expect(brokenLayers(importEdges(good), indexes)).toEqual([]);
  });

  test('Node in the core, and Node behind what a browser loads', () => {
    const bad = importEdges([
      sourceOf('client/index.ts', "export { a } from '../engine/a.js';"),
      sourceOf('engine/a.ts', "import { readFile } from 'node:fs';"),
    ]);
    expect(brokenRuntimes(bad)).toEqual([
      expect.stringContaining('any runtime'),
      expect.stringContaining('a browser loads it through src/client/index.ts'),
    ]);
    const lazy = importEdges([
      sourceOf('connect.ts', "await import('./transports/stdio/connect.js');"),
      sourceOf('transports/stdio/connect.ts', "import 'node:child_process';"),
    ]);
    expect(brokenRuntimes(lazy)).toEqual([]);
  });

  test('a store chosen in the core', () => {
    const bad = sourceOf('gateway/gateway.ts', "import { a } from '../stores/memory.js';");
    expect(brokenStores(importEdges([bad]), indexes)).toHaveLength(1);
    const good = sourceOf('gateway/gateway.ts', "import { a } from '../stores/event-store.js';");
    expect(brokenStores(importEdges([good]), indexes)).toEqual([]);
  });

  test('a module whose name is computed, but not what a command line is told to load', () => {
    const text = 'await import(name);';
    const bad = importEdges([sourceOf('server/a.ts', text)]);
    expect(brokenPackages(bad)).toEqual([expect.stringContaining('cli/load-server.ts only')]);
    expect(brokenPackages(importEdges([sourceOf('cli/load-server.ts', text)]))).toEqual([]);
  });

  test('an outside package in the core', () => {
    const bad = sourceOf('server/a.ts', "import 'zod'; import 'commander';");
    expect(brokenPackages(importEdges([bad]))).toEqual([
      expect.stringContaining('no row'),
      expect.stringContaining('cli/ only'),
    ]);
  });
});
