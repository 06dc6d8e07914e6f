/** The guide shows the very configurations that are run here. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/guide/behind-a-proxy.md', root), 'utf8');
const shown = new Map(
  [...page.matchAll(/<!-- file: (\S+) -->\n```\w+\n([^`]*)```/g)].map(
    ([, path = '', text = '']) => [path, text] as const,
  ),
);

test('each configuration is shown', () => {
  const files = readdirSync(new URL('examples/proxies/', root));
  expect([...shown.keys()].toSorted()).toEqual(files.map((file) => `examples/proxies/${file}`));
});

test.each([...shown])('%s is shown as it is run', (path, text) => {
  expect(text).toBe(readFileSync(new URL(path, root), 'utf8'));
});
