import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { folderWithin } from '../../../examples/files/folder-within.js';
import { measureFile } from '../../../examples/files/measure-file.js';
import { renderTable } from '../../../examples/files/table.js';
import { walk } from '../../../examples/files/walk.js';

const outer = mkdtempSync(join(tmpdir(), 'files-'));
const root = join(outer, 'root');
mkdirSync(join(root, 'sub'), { recursive: true });
mkdirSync(join(outer, 'root-beside'));
mkdirSync(join(root, '..dots'));
symlinkSync(outer, join(root, 'outside'));
symlinkSync(join(root, 'sub'), join(root, 'inside'));
writeFileSync(join(root, 'file'), 'x');
afterAll(() => rmSync(outer, { recursive: true }));

const { signal } = new AbortController();

describe('a folder within the root', () => {
  test.each([
    ['.', root],
    ['', root],
    ['sub', join(root, 'sub')],
    ['sub/..', root],
    ['inside', join(root, 'sub')],
    ['..dots', join(root, '..dots')],
  ])('%j is', async (dir, path) => {
    expect(await folderWithin(root, dir)).toBe(path);
  });

  test.each([
    '..',
    '../root-beside',
    'sub/../..',
    '/',
    root,
    'outside',
    'outside/root-beside',
    'file',
  ])('%j is none', async (dir) => expect(await folderWithin(root, dir)).toBeUndefined());

  test.each(['none', 'a\0b', '../none'])('%j is none either', async (dir) => {
    expect(await folderWithin(root, dir)).toBeUndefined();
  });
});

describe('a file', () => {
  // More than one piece of a stream, with words across their borders.
  const text = `${'word\tw\u00f6rd \r\n'.repeat(20_000)}end`;
  writeFileSync(join(root, 'sub', 'long'), text);

  test('is measured like wc and sha256sum do', async () => {
    expect(await measureFile(join(root, 'sub'), 'long', signal)).toEqual({
      bytes: Buffer.byteLength(text),
      lines: 20_000,
      words: 40_001,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  test('that cannot be read is a row, not a crash', async () => {
    expect(await measureFile(root, 'gone', signal)).toEqual({ error: 'ENOENT' });
    expect(await measureFile(root, 'sub', signal)).toEqual({ error: 'EISDIR' });
    // Since the folder was read, a link took the place of the file.
    expect(await measureFile(root, 'outside', signal)).toEqual({ error: 'ELOOP' });
  });

  test('is given up when the call is cancelled', async () => {
    const cancelled = AbortSignal.abort();
    await expect(measureFile(join(root, 'sub'), 'long', cancelled)).rejects.toThrow('aborted');
    await expect(walk(root, 10, cancelled)).rejects.toThrow('aborted');
  });
});

test('a walk finds plain files, says what is beyond its bound, and follows no link', async () => {
  expect(await walk(root, 10, signal)).toEqual({
    paths: ['file', 'sub/long'],
    remaining: 0,
    unreadableFolders: [],
  });
  expect(await walk(root, 1, signal)).toMatchObject({ paths: ['file'], remaining: 1 });
  const gone = await walk(join(root, 'gone'), 1, signal);
  expect(gone).toMatchObject({ paths: [], unreadableFolders: ['.'] });
});

test('a table has one line for each file, whatever its name', () => {
  const files = [
    { path: 'a\nb\x1b[2J\u202e', bytes: 1, lines: 2, words: 3, sha256: 'f'.repeat(64) },
    { path: 'c', error: 'EACCES' },
  ];
  const report = { dir: '.', files, totalBytes: 1, remaining: 7, unreadableFolders: ['d'] };
  const lines = renderTable(report).split('\n');
  expect(lines[1]).toBe(`    1      2      3  ${'f'.repeat(64)}  a\\u000ab\\u001b[2J\\u202e`);
  expect(lines[2]).toMatch(/^ {4}- {6}- {6}- {2}unreadable: EACCES +c$/);
  expect(lines.slice(4)).toEqual([
    'The folder d could not be read',
    '7 more files remain: raise maxFiles to read them too',
    '1 bytes',
    '2 files',
  ]);
  const [, first, second] = renderTable(report, { hashDigits: 4 }).split('\n');
  expect(first).toMatch(/ {2}ffff +a/);
  expect(second).toContain('unreadable: EACCES');
});
