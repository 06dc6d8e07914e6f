import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isOpenToOthers, replaceFile } from '../../../src/platform/node-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file is replaced whole, for its owner alone', async () => {
  const path = join(folder, 'a');
  await replaceFile(path, 'old');
  let during = '';
  const look = (): Promise<void> => {
    during = readFileSync(path, 'utf8');
    return Promise.resolve();
  };
  await replaceFile(path, 'new', { beforeRename: look });
  expect([during, readFileSync(path, 'utf8')]).toEqual(['old', 'new']);
  expect(isOpenToOthers(statSync(path))).toBe(false);
  expect(readdirSync(folder)).toEqual(['a']);
});

test('one that must not be replaced after all stays, and nothing is left beside it', async () => {
  const path = join(folder, 'a');
  await replaceFile(path, 'old');
  const refuse = (): Promise<void> => Promise.reject(new Error('taken over'));
  await expect(replaceFile(path, 'new', { beforeRename: refuse })).rejects.toThrow('taken over');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});
