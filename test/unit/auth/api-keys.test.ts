import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiKeys } from '../../../src/auth/index.js';
import { defaultLimits } from '../../../src/limits.js';
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
    // The secret may hold what stands between the parts.
    const [, secret] = /^sp_[0-9a-f]{18}_([A-Za-z0-9_-]{43})$/.exec(key) ?? [];
    expect(secret).toBeDefined();
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
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

  test('takes all changes that come at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => make()));
    expect(await readKeyFile(file)).toHaveLength(8);
  });

  test('is not locked for ever by who was killed over it', async () => {
    await make();
    const lock = join(folder, '.keys.json.lock.7');
    writeFileSync(lock, JSON.stringify({ host: 'another', pid: 1 }));
    const then = new Date(Date.now() - defaultLimits.tokenLockMs - 1000);
    utimesSync(lock, then, then);
    await make();
    expect(await readKeyFile(file)).toHaveLength(2);
  });

  test.skipIf(process.platform === 'win32')('stays where a link leads', async () => {
    await make();
    const link = join(folder, 'link.json');
    symlinkSync('keys.json', link);
    await addKey(link, wanted, now);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(await readKeyFile(file)).toHaveLength(2);
  });

  test.skipIf(process.getuid?.() !== 0)('keeps its owner when root changes it', async () => {
    await make();
    chownSync(file, 12_345, 12_346);
    await addKey(file, wanted, now);
    await expect(readKeyFile(file)).rejects.toThrow(/belongs to another user/);
    const { uid, gid } = statSync(file);
    expect([uid, gid]).toEqual([12_345, 12_346]);
  });

  test.skipIf(process.platform === 'win32')('that is a pipe is refused at once', async () => {
    execFileSync('mkfifo', ['-m', '600', file]);
    await expect(readKeyFile(file)).rejects.toThrow(/is no file/);
  });
});
