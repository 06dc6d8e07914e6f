/** What the pages show is what runs: each snippet stands in a file that is compiled and executed. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root, trackedFiles } from './source.js';

const files = trackedFiles();
const pages = files.filter((path) => path.endsWith('.md'));
const guide = pages.filter((path) => path.startsWith('docs/guide/'));
const read = (path: string): string => readFileSync(root + path, 'utf8');

test.each(pages)('the snippets of %s are the files that they name', (page) => {
  for (const { path, region, code } of snippetsOf(read(page))) {
    const text = read(path);
    expect(code).toBe(region === undefined ? text : regionsOf(text).get(region));
  }
});

test.each(guide)('%s shows no code that does not run', (page) => {
  const text = read(page);
  expect(snippetsOf(text)).toHaveLength(text.split('```ts').length - 1);
});

test('every region of the examples is shown in the guide', () => {
  const shown = guide
    .flatMap((page) => snippetsOf(read(page)))
    .map(({ path, region }) => `${path}#${region}`);
  const examples = files.filter((path) => /^examples\/.*\.ts$/.test(path));
  const regions = examples.flatMap((path) =>
    [...regionsOf(read(path)).keys()].map((region) => `${path}#${region}`),
  );
  expect(regions.filter((region) => !shown.includes(region))).toEqual([]);
});

test('the readme shows a server in 8 lines and a client in 5', () => {
  const snippets = snippetsOf(read('README.md'));
  const lines = snippets.map(({ code }) => code.trimEnd().split('\n').length);
  expect(lines).toEqual([8, 5]);
});

test('a snippet is a file, or a region of one, as far to the left as it goes', () => {
  const page = '<!-- snippet: a.ts -->\n```ts\nlet a = 1;\n```\n';
  expect(snippetsOf(page)).toEqual([{ path: 'a.ts', region: undefined, code: 'let a = 1;\n' }]);
  expect(snippetsOf(page.replace('a.ts', 'a.ts#b'))).toMatchObject([{ path: 'a.ts', region: 'b' }]);
  const text =
    '{\n  // #region b\n  a({\n\n    b });\n  // #endregion\n}\n// #region c\n// #endregion\n';
  expect([...regionsOf(text)]).toEqual([
    ['b', 'a({\n\n  b });\n'],
    ['c', ''],
  ]);
  expect(() => regionsOf('// #region b\n')).toThrow('no end');
});

interface Snippet {
  readonly path: string;
  readonly region: string | undefined;
  readonly code: string;
}

function snippetsOf(page: string): Snippet[] {
  const marked = /<!-- snippet: ([^\s#]+)(?:#(\S+))? -->\n```ts\n([^`]*(?:`[^`]+`[^`]*)*)```/g;
  return [...page.matchAll(marked)].map(([, path = '', region, code = '']) => ({
    path,
    region,
    code,
  }));
}

/** What stands between `// #region name` and `// #endregion`, less the indentation of the former. */
function regionsOf(text: string): Map<string, string> {
  const regions = new Map<string, string>();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const [, indent = '', name] = /^( *)\/\/ #region (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const end = lines.indexOf(`${indent}// #endregion`, at);
    if (end < 0) throw new Error(`The region ${name} has no end`);
    const inside = lines.slice(at + 1, end).map((inner) => `${inner.slice(indent.length)}\n`);
    regions.set(name, inside.join(''));
  }
  return regions;
}
