import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCommand } from '../../../../src/transports/stdio/find-command.js';

let root = '';
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'find-')));
  for (const folder of ['a', 'b']) await mkdir(join(root, folder));
  await writeFile(join(root, 'a', 'tool'), '', { mode: 0o644 });
  await writeFile(join(root, 'b', 'tool'), '', { mode: 0o755 });
  await symlink(join(root, 'b', 'tool'), join(root, 'b', 'link'));
});
afterAll(() => rm(root, { recursive: true }));

const find = (command: string, path: string[], cwd = root): ReturnType<typeof findCommand> =>
  findCommand({ command, cwd, env: { PATH: path.join(':') }, platform: 'linux' });

test('the first executable file on PATH is it, whole path and links kept', async () => {
  const tool = join(root, 'b', 'tool');
  const path = ['/no/such', join(root, 'a'), join(root, 'b')];
  expect(await find('tool', path)).toEqual({ file: tool, realFile: tool });
  expect(await find('link', path)).toEqual({ file: join(root, 'b', 'link'), realFile: tool });
});

test('a path begins at the working directory and never on PATH', async () => {
  expect(await find('b/tool', [])).toMatchObject({ file: join(root, 'b', 'tool') });
  expect(await find('./tool', [], join(root, 'b'))).toMatchObject({
    file: join(root, 'b', 'tool'),
  });
  await expect(find('b/tool', [root], '/')).rejects.toThrow('was not found. Check its path');
});

test('an empty entry of PATH does not mean the working directory', async () => {
  await expect(find('tool', ['', ''], join(root, 'b'))).rejects.toThrow('was not found');
  await expect(find('tool', [''])).rejects.toThrow('PATH is empty');
});

test('a file that is not executable is named', async () => {
  await expect(find('tool', [join(root, 'a')])).rejects.toThrow('is not an executable file');
});
