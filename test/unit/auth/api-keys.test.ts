import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiKeys } from '../../../src/auth/index.js';
import { addKey, readKeyFile, revokeKey } from '../../../src/auth/node-key-file.js';

const resource = 'https://mcp.example/mcp';
const now = Date.UTC(2026, 6, 28);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const wanted = { scopes: ['files:read'], expiresAt: now + 10_000 };
const make = async (more: object = {}): Promise<string> =>
  (await addKey(file, { ...wanted, ...more }, now)).key;
const at = (ms: number) => ({ resource, remoteAddress: undefined, now: now + ms });

describe('a key', () => {
  test('is taken for its scopes, until it ends', async () => {
    const key = await make();
    const { verify } = apiKeys(file);
    expect(await verify(key, at(9999))).toEqual({
      id: `key:${key.split('_')[1]}`,
      audience: resource,
      expiresAt: now + 10_000,
      scopes: ['files:read'],
    });
    await expect(verify(key, at(10_000))).rejects.toMatchObject({ kind: 'unauthorized' });
    const forever = await make({ expiresAt: Infinity });
    expect(await verify(forever, at(20_000))).toMatchObject({ expiresAt: Infinity });
  });

  test.each<[string, (key: string) => string]>([
    ['one letter changed', (key) => key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')],
    ['one letter less', (key) => key.slice(0, -1)],
    ['one letter more', (key) => `${key}A`],
    ['another id', (key) => key.replace(/_[0-9a-f]{18}_/, `_${'0'.repeat(18)}_`)],
    ['another prefix', (key) => key.replace('sp_', 'SP_')],
    ['no id', (key) => key.replace(/_[0-9a-f]+_/, '__')],
    ['what its file holds', () => /[0-9a-f]{64}/.exec(readFileSync(file, 'utf8'))![0]],
    ['nothing', () => ''],
  ])('is not taken with %s', async (_name, change) => {
    const key = await make();
    const { verify } = apiKeys(file);
    await expect(verify(change(key), at(0))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(await verify(key, at(0))).toMatchObject({ audience: resource });
  });

  test('is refused a second after it was revoked, and another taken', async () => {
    const [key, other] = [await make(), await make()];
    const { verify } = apiKeys(file);
    expect(await verify(key, at(0))).toBeDefined();
    expect(await revokeKey(file, key.split('_')[1]!)).toBe(true);
    const third = await make();
    await expect(verify(key, at(1000))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(await verify(other, at(1000))).toBeDefined();
    expect(await verify(third, at(1000))).toBeDefined();
    expect(await revokeKey(file, key.split('_')[1]!)).toBe(false);
  });

  test('does not stand in its file, which others cannot read', async () => {
    const key = await make();
    expect(readFileSync(file, 'utf8')).not.toContain(key.split('_')[2]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(key).toMatch(/^sp_[0-9a-f]{18}_[A-Za-z0-9_-]{43}$/);
  });
});

describe('a file', () => {
  test.each([0o644, 0o640, 0o604, 0o660])('of mode %o lets nobody in', async (mode) => {
    const key = await make();
    const { verify } = apiKeys(file);
    expect(await verify(key, at(0))).toBeDefined();
    chmodSync(file, mode);
    await expect(verify(key, at(1000))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(readKeyFile(file)).rejects.toThrow(/chmod 600/);
    chmodSync(file, 0o600);
    expect(await verify(key, at(2000))).toBeDefined();
  });

  test.each([
    ['no JSON', 'x'],
    ['no keys', '{}'],
    ['a key without scopes', `{"keys":[{"id":"${'0'.repeat(18)}","sha256":"${'0'.repeat(64)}"}]}`],
    [
      'a key that ends at no time',
      `{"keys":[{"id":"${'0'.repeat(18)}","sha256":"${'0'.repeat(64)}","scopes":[],"expiresAt":"x"}]}`,
    ],
  ])('with %s lets nobody in', async (_name, text) => {
    const key = await make();
    const { verify } = apiKeys(file);
    expect(await verify(key, at(0))).toBeDefined();
    writeFileSync(file, text);
    await expect(verify(key, at(1000))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('that is not there is noticed at once', () => {
    expect(() => apiKeys(file)).toThrow(/ENOENT/);
  });

  test('that is being changed is left alone', async () => {
    await make();
    writeFileSync(`${file}.lock`, '');
    await expect(make()).rejects.toThrow(/is being changed/);
    rmSync(`${file}.lock`);
    await make();
    expect(await readKeyFile(file)).toHaveLength(2);
  });
});
