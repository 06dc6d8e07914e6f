import { expect, test } from 'vitest';
import {
  type DirectCommand,
  type Look,
  withoutShim,
} from '../../../../src/transports/stdio/windows-shims.js';

/** A disk of Windows: names of files, and what is in them. */
const disk = (files: Readonly<Record<string, string>>): Look => ({
  isFile: (path) => Promise.resolve(path in files),
  readText: (path) => Promise.resolve(files[path] ?? ''),
});

const direct = (file: string): DirectCommand => ({
  file: { file, realFile: file },
  args: ['-y', 'a & b'],
});

const node = 'C:\\node\\node.exe';
const npx = 'C:\\node\\node_modules\\npm\\bin\\npx-cli.js';

test.each([
  ['npx.cmd', npx],
  ['NPM.CMD', 'C:\\node\\node_modules\\npm\\bin\\npm-cli.js'],
  ['pnpm.cmd', 'C:\\node\\node_modules\\corepack\\dist\\pnpm.js'],
  ['yarn.cmd', 'C:\\node\\node_modules\\yarn\\bin\\yarn.js'],
])('%s becomes the script that it starts', async (shim, script) => {
  const look = disk({ [node]: '', [script]: '' });
  expect(await withoutShim(direct(`C:\\node\\${shim}`), 'win32', look)).toEqual({
    file: { file: node, realFile: node },
    args: [script, '-y', 'a & b'],
  });
});

test('without a node.exe beside it, ours runs the script', async () => {
  const { file } = await withoutShim(direct('C:\\node\\npx.cmd'), 'win32', disk({ [npx]: '' }));
  expect(file.file).toBe(process.execPath);
});

test('other batch files are refused with what to write instead', async () => {
  const shim = 'C:\\npm\\server.cmd';
  const script = '@ECHO off\r\n"%_prog%"  "%dp0%\\node_modules\\server\\dist\\index.js" %*\r\n';
  await expect(withoutShim(direct(shim), 'win32', disk({ [shim]: script }))).rejects.toThrow(
    'Use "node" as the command and "C:\\\\npm\\\\node_modules\\\\server\\\\dist\\\\index.js" as its first',
  );
  await expect(withoutShim(direct('C:\\x.bat'), 'win32', disk({}))).rejects.toMatchObject({
    kind: 'connectionFailed',
    message: expect.stringContaining('Use the program that it starts as the command'),
  });
});

test('programs, and files of other systems, stay as they are', async () => {
  for (const [file, platform] of [
    ['C:\\node\\node.exe', 'win32'],
    ['/bin/npx.cmd', 'linux'],
  ] as const) {
    expect(await withoutShim(direct(file), platform, disk({}))).toEqual(direct(file));
  }
});
