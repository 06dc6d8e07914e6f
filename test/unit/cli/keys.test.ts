import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiKeys } from '../../../src/auth/index.js';
import { run } from './run.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const keys = (...words: readonly string[]) => run(['keys', ...words, '--file', file]);
const about = { resource: 'https://mcp.example/mcp', remoteAddress: undefined };

test('a key is printed once, works, is listed and revoked', async () => {
  const scopes = ['--scope', 'files:read', '--scope', 'files:write'];
  const { code, stdout, stderr } = await keys('add', '--name', 'build', ...scopes);
  expect(code).toBe(0);
  const key = stdout.trim();
  expect(key).toMatch(/^sp_/);
  expect(stderr).toContain('files:read files:write');
  expect(stderr).not.toContain(key);
  const { verify } = apiKeys(file);
  const now = Date.now();
  const { expiresAt, ...who } = await verify(key, { ...about, now });
  expect(who).toMatchObject({ scopes: ['files:read', 'files:write'] });
  expect(Math.round((expiresAt - now) / 86_400_000)).toBe(90);
  const id = key.split('_')[1]!;
  const list = await keys('list');
  expect(list.stdout).toMatch(
    /^\S+ {2}build {2}files:read files:write {2}until \d{4}-\d\d-\d\d\n$/,
  );
  expect(list.stdout).toContain(id);
  const revoked = await run(['keys', 'revoke', '--file', file, id]);
  expect(revoked).toMatchObject({ code: 0, stdout: '' });
  expect((await keys('list')).stdout).toBe('There are no keys.\n');
  expect((await run(['keys', 'revoke', '--file', file, id])).code).toBe(1);
});

test('as JSON, without what is nobody’s business', async () => {
  const added = await keys('add', '--expires', 'never', '--json');
  expect(JSON.parse(added.stdout)).toMatchObject({ scopes: [], expiresAt: null });
  const listed = await keys('list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ keys: [{ scopes: [] }] });
  expect(listed.stdout).not.toContain('sha256');
  expect(readFileSync(file, 'utf8')).toContain('sha256');
});

test.each([
  ['a scope with a space', ['add', '--scope', 'a b'], /scope/],
  ['an end that is over', ['add', '--expires', '2020-01-01'], /90d/],
  ['an end that is no time', ['add', '--expires', 'soon'], /90d/],
])('%s is refused', async (_name, words, message) => {
  const { code, stderr } = await keys(...words);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

test('a file that others can read is refused, with what to do', async () => {
  await keys('add');
  chmodSync(file, 0o644);
  for (const words of [['add'], ['list']]) {
    const { code, stderr } = await keys(...words);
    expect(code).toBe(78);
    expect(stderr).toContain('chmod 600');
  }
});

test('help and what is missing', async () => {
  expect((await run(['keys', '--help'])).stdout).toContain('sallyport keys add --file keys.json');
  expect((await run(['keys', 'add', '--help'])).stdout).toContain('--expires <when>');
  const { code, stderr } = await run(['keys', 'add']);
  expect(code).toBe(1);
  expect(stderr).toContain('--file');
});
