import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadServer } from '../../../src/cli/load-server.js';

const folder = mkdtempSync(join(tmpdir(), 'load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function module(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('a module whose default export is a server', async () => {
  const path = module('good.mjs', 'export default { exchange() {}, info: { name: "x" } };');
  expect((await loadServer(path)).info).toEqual({ name: 'x' });
});

test.each([
  ['nothing.mjs', 'export const a = 1;', /The default export of .* is missing/],
  ['other.mjs', 'export default { listen() {} };', /is no server/],
  ['throws.mjs', 'throw new Error("no database");', /failed to load: Error: no database/],
])('%s is refused with a reason', async (name, text, message) => {
  await expect(loadServer(module(name, text))).rejects.toThrow(message);
});

test('a module that does not exist', async () => {
  await expect(loadServer('no-such-package')).rejects.toThrow('There is no module');
});
