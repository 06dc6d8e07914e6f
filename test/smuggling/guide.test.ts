/** The guide shows the very configurations that are run here. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const pages = ['behind-a-proxy', 'scaling'];
const page = pages
  .map((name) => readFileSync(new URL(`docs/guide/${name}.md`, root), 'utf8'))
  .join('\n');
const shown = new Map(
  [...page.matchAll(/<!-- file: (\S+) -->\n```\w+\n([^`]*)```/g)].map(
    ([, path = '', text = '']) => [path, text] as const,
  ),
);

test('each configuration is shown', () => {
  const files = readdirSync(new URL('examples/proxies/', root));
  const paths = files.map((file) => `examples/proxies/${file}`);
  expect([...shown.keys()].toSorted()).toEqual(paths.toSorted());
});

test.each([...shown])('%s is shown as it is run', (path, text) => {
  expect(text).toBe(readFileSync(new URL(path, root), 'utf8'));
});
