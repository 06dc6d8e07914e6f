import { readFile, stat } from 'node:fs/promises';
import { win32 } from 'node:path';
import { McpError } from '../../errors.js';
import type { FoundCommand } from './find-command.js';

export interface DirectCommand {
  readonly file: FoundCommand;
  readonly args: readonly string[];
}

export interface Look {
  isFile(path: string): Promise<boolean>;
  readText(path: string): Promise<string>;
}

/**
 * Batch files need a shell, whose quoting nobody gets right, so none is started: those of npm, pnpm
 * and yarn become the script that they would start, others are refused with what to write instead.
 */
export async function withoutShim(
  direct: DirectCommand,
  platform: NodeJS.Platform,
  look: Look = disk,
): Promise<DirectCommand> {
  const { file } = direct.file;
  const { dir: folder, name, ext } = win32.parse(file);
  if (platform !== 'win32' || !['.cmd', '.bat'].includes(ext.toLowerCase())) return direct;
  const beside = win32.join(folder, 'node.exe');
  const node = (await look.isFile(beside)) ? beside : process.execPath;
  const scripts = knownScripts[name.toLowerCase()] ?? [];
  for (const script of scripts.map((path) => win32.join(folder, 'node_modules', path))) {
    if (await look.isFile(script)) {
      return { file: { file: node, realFile: node }, args: [script, ...direct.args] };
    }
  }
  throw new McpError(
    'connectionFailed',
    `${file} is a batch file, which needs a shell. ${await replacement(file, look)}`,
  );
}

const knownScripts: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm\\bin\\npm-cli.js'],
  npx: ['npm\\bin\\npx-cli.js'],
  pnpm: ['pnpm\\bin\\pnpm.cjs', 'corepack\\dist\\pnpm.js'],
  pnpx: ['pnpm\\bin\\pnpx.cjs', 'corepack\\dist\\pnpx.js'],
  yarn: ['yarn\\bin\\yarn.js', 'corepack\\dist\\yarn.js'],
};

async function replacement(file: string, look: Look): Promise<string> {
  // How npm writes the batch files of the packages that it installs.
  const [, rest] = (await look.readText(file)).split('"%dp0%\\', 2);
  const path = rest?.split('"', 1)[0];
  if (path === undefined || !/\.[cm]?js$/.test(path)) {
    return 'Use the program that it starts as the command, with its arguments.';
  }
  const script = win32.join(win32.dirname(file), path);
  return `Use "node" as the command and ${JSON.stringify(script)} as its first argument.`;
}

const disk: Look = {
  isFile: (path) =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    ),
  readText: (path) => readFile(path, 'utf8').catch(() => ''),
};
