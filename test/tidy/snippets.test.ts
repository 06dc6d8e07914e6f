/** What the pages show is what runs: each snippet stands in a file that is compiled and executed. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root, trackedFiles } from './source.js';

const pages = trackedFiles().filter((path) => path.endsWith('.md'));

test.each(pages)('the snippets of %s are the files that they name', (page) => {
  for (const { path, code } of snippetsOf(readFileSync(root + page, 'utf8'))) {
    expect(code).toBe(readFileSync(root + path, 'utf8'));
  }
});

test('the readme shows a server in 8 lines and a client in 5', () => {
  const snippets = snippetsOf(readFileSync(`${root}README.md`, 'utf8'));
  const lines = snippets.map(({ code }) => code.trimEnd().split('\n').length);
  expect(lines).toEqual([8, 5]);
});

test('a snippet that differs from its file is noticed', () => {
  const page = '<!-- snippet: a.ts -->\n```ts\nlet a = 1;\n```\n';
  expect(snippetsOf(page)).toEqual([{ path: 'a.ts', code: 'let a = 1;\n' }]);
});

function snippetsOf(page: string): { path: string; code: string }[] {
  const marked = /<!-- snippet: (\S+) -->\n```ts\n([^`]*(?:`[^`]+`[^`]*)*)```/g;
  return [...page.matchAll(marked)].map(([, path = '', code = '']) => ({ path, code }));
}
