/** The programs under examples/ check themselves; here they are compiled once and all of them run. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const features = readdirSync(`${root}examples/features`)
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => name !== 'run');

const mounted = ['mounted/express', 'mounted/fastify', 'mounted/hono'];

// Within the repository, so that the programs find the package by its name.
let folder = '';

beforeAll(async () => {
  mkdirSync(`${root}build`, { recursive: true });
  folder = mkdtempSync(`${root}build/examples-`);
  const sources = ['check', 'streaming/classic', 'streaming/mcp', 'migration/both', ...mounted];
  const files = [...sources, ...features.map((name) => `features/${name}`)];
  const { code, output } = await runNode([
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['--ignoreConfig', '--noCheck', '--module', 'nodenext', '--target', 'es2022'],
    ...['--rootDir', join(root, 'examples'), '--outDir', folder],
    ...files.map((name) => join(root, `examples/${name}.ts`)),
  ]);
  if (code !== 0) throw new Error(output);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every feature is shown over memory, stdio and HTTP, in both eras', async () => {
  const { code, output } = await runNode([join(folder, 'check.js')]);
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/));
  const passed = rows.filter((row) => row.filter((word) => word === 'ok').length === 6);
  if (code !== 0) throw new Error(output);
  expect(passed.map(([name]) => name)).toEqual(features);
}, 60_000);

test.each([
  ['streaming/classic', '3', '10'],
  ['streaming/mcp', '10'],
  ['migration/both'],
  ...mounted.map((name) => [name]),
])('%s shows what it says', async (name, ...args) => {
  const { code, output } = await runNode([join(folder, `${name}.js`), ...args]);
  expect(output).toMatch(/^ok: /m);
  expect(code).toBe(0);
});

async function runNode(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}
