/** Words that must not stand in this repository: private places, hosts, and habits. */
import { readFileSync } from 'node:fs';
import { Visitor } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import {
  codeOf,
  lineOf,
  readSources,
  root,
  sourceOf,
  trackedFiles,
  type Source,
} from './source.js';

const files = trackedFiles().filter((path) => !/\.(png|bin|ico|tgz)$/.test(path));
const read = (path: string): string => readFileSync(root + path, 'utf8');

// Put together from pieces, so that this file does not name what it forbids.
const slash = (name: string): string => `/${name}/`;
const privateFolders = [slash('work'), slash('root'), slash('home')];
const temporaryFolder = slash('tmp');
const registryHosts = [
  'registry.npmjs' + '.org',
  'registry.yarnpkg' + '.com',
  'npm.pkg' + '.github',
];

describe('tracked files', () => {
  test('name no folder of one machine', () => {
    const found = files.flatMap((path) => privatePlaces(path, read(path)));
    expect(found).toEqual([]);
  });

  test('name no package registry', () => {
    expect(files.flatMap((path) => registries(path, read(path)))).toEqual([]);
  });

  test('the lock file says what, not from where', () => {
    expect(resolvedUrls(read('package-lock.json'))).toBe(0);
  });
});

describe('tests', () => {
  const tests = [
    ...['unit', 'tidy', 'matrix', 'tapes', 'hostile', 'contract', 'interop', 'types'],
    ...['browser', 'delivery', 'fuzz', 'lifecycle', 'smuggling'],
  ]
    .flatMap((folder) => readSources(`test/${folder}`).map((source) => ({ folder, source })))
    .map(({ folder, source }) => ({ ...source, path: `test/${folder}/${source.path}` }));

  test('none runs alone or is switched off', () => {
    expect(tests.flatMap(narrowed)).toEqual([]);
  });

  test('none waits for time to pass', () => {
    expect(tests.flatMap(sleeps)).toEqual([]);
  });
});

test('src builds no regular expression at run time', () => {
  expect(readSources('src').flatMap(builtExpressions)).toEqual([]);
});

describe('the rule notices', () => {
  test('folders', () => {
    for (const folder of privateFolders) {
      expect(privatePlaces('a.ts', `see ${folder}x`)).toHaveLength(1);
      expect(privatePlaces('test/a.ts', `'${folder}x'`)).toHaveLength(1);
    }
    expect(privatePlaces('a.ts', `"${temporaryFolder}x"`)).toHaveLength(1);
    expect(privatePlaces('test/a.ts', `"${temporaryFolder}x"`)).toEqual([]);
    expect(privatePlaces('a.ts', `https://example.com${privateFolders[0]}x`)).toEqual([]);
  });

  test('hosts', () => {
    for (const host of registryHosts) {
      expect(registries('a.md', `https://${host}/x`)).toHaveLength(1);
    }
    expect(resolvedUrls(`{"packages":{"a":{"resolved":"https://x"}}}`)).toBe(1);
  });

  test.each([
    "test.only('a', () => {});",
    "describe.only('a', () => {});",
    "matrix.skip('a', () => {});",
    "test.concurrent.only('a', () => {});",
    "it.todo('a');",
  ])('%s', (text) => expect(narrowed(sourceOf('a.ts', text))).toHaveLength(1));

  test.each([
    'await sleep(5);',
    'await delay(5);',
    "import { setTimeout as later } from 'node:timers/promises';",
    'await new Promise((done) => setTimeout(done, 5));',
    'await new Promise((done) => { setTimeout(() => done(1), 5); });',
  ])('%s', (text) => expect(sleeps(sourceOf('a.ts', text))).toHaveLength(1));

  test('no fault in waiting for an event or moving a clock', () => {
    const text = 'await once(server, "close"); await clock.sleep(5); setTimeout(fail, 5).unref();';
    expect(sleeps(sourceOf('a.ts', text))).toEqual([]);
  });

  test('a built expression', () => {
    expect(builtExpressions(sourceOf('a.ts', 'const a = new RegExp(b);'))).toHaveLength(1);
    expect(builtExpressions(sourceOf('a.ts', 'const a = RegExp(b);'))).toHaveLength(1);
    expect(builtExpressions(sourceOf('a.ts', '// new RegExp(b)\nconst a = /b/;'))).toEqual([]);
  });
});

function privatePlaces(path: string, text: string): string[] {
  const places = path.startsWith('test/') ? privateFolders : [...privateFolders, temporaryFolder];
  return text.split('\n').flatMap((line, at) => {
    // Only where a path begins: a URL or a relative path may well contain such a folder.
    const found = places.some((place) =>
      line
        .split(place)
        .slice(0, -1)
        .some((before) => !/[\w.~-]$/.test(before)),
    );
    return found ? [`${path}:${at + 1} names a folder of one machine`] : [];
  });
}

function registries(path: string, text: string): string[] {
  return registryHosts.filter((host) => text.includes(host)).map((host) => `${path}: ${host}`);
}

function resolvedUrls(lock: string): number {
  return lock.split('"resolved":').length - 1;
}

const runners = new Set(['test', 'it', 'describe', 'suite', 'matrix', 'bench']);
const narrowings = new Set(['only', 'skip', 'todo']);

function narrowed(source: Source): string[] {
  const found: string[] = [];
  new Visitor({
    MemberExpression(node) {
      if (node.property.type !== 'Identifier' || !narrowings.has(node.property.name)) return;
      let object = node.object;
      while (object.type === 'MemberExpression') object = object.object;
      if (object.type !== 'Identifier' || !runners.has(object.name)) return;
      found.push(`${source.path}:${lineOf(source, node.start)} .${node.property.name}`);
    },
  }).visit(source.tree.program);
  return found;
}

const sleepers = new Set(['sleep', 'delay']);

function sleeps(source: Source): string[] {
  const found = new Set<number>();
  let promises = 0;
  for (const { start, moduleRequest } of source.tree.module.staticImports) {
    if (moduleRequest.value === 'node:timers/promises') found.add(start);
  }
  new Visitor({
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Promise') promises += 1;
    },
    'NewExpression:exit'(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Promise') promises -= 1;
    },
    CallExpression(node) {
      if (node.callee.type !== 'Identifier') return;
      const { name } = node.callee;
      if (sleepers.has(name) || (promises > 0 && name === 'setTimeout')) found.add(node.start);
    },
  }).visit(source.tree.program);
  return [...found].map((start) => `${source.path}:${lineOf(source, start)} waits for time`);
}

/** Patterns in schemas that the author of a server wrote are built; a peer's never are. */
const authorsPatterns = new Set(['json-schema/compile.ts']);

function builtExpressions(source: Source): string[] {
  if (authorsPatterns.has(source.path)) return [];
  return codeOf(source)
    .split('\n')
    .flatMap((line, at) =>
      /\bRegExp\(/.test(line) ? [`src/${source.path}:${at + 1} RegExp(`] : [],
    );
}
