import { lstat, realpath } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute } from 'node:path';
import { findCommand } from './find-command.js';
import { refuseUntrusted } from './trusted-file.js';

const systemFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/bin'];

/**
 * Where a tool of the system is, never where the child would look; undefined where it is not. What
 * makes a sandbox must not come from a folder of a project, which npx puts first on PATH: on PATH
 * only what nobody but root can change is taken.
 */
export async function systemTool(name: string): Promise<string | undefined> {
  const known = tools.get(name);
  if (known !== undefined) return known;
  const further = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => mayHold(folder));
  for (const folder of [...systemFolders, ...further]) {
    const file = await toolIn(folder, name);
    if (file === undefined) continue;
    if (!systemFolders.includes(folder) && !(await isOfRoot(file))) continue;
    tools.set(name, file);
    return file;
  }
  return undefined;
}

const tools = new Map<string, string>();

// To root itself, the packages of a project may belong to root as well.
const mayHold = (folder: string): boolean =>
  isAbsolute(folder) && !folder.split(/[/\\]/).includes('node_modules');

async function toolIn(folder: string, command: string): Promise<string | undefined> {
  try {
    const env = { PATH: folder };
    const found = await findCommand({ command, cwd: '/', env, platform: process.platform });
    await refuseUntrusted(found);
    return found.file;
  } catch {
    return undefined;
  }
}

async function isOfRoot(file: string): Promise<boolean> {
  // There are no such owners on Windows.
  if (process.platform === 'win32') return true;
  const othersWrite = 0o022;
  for (const start of [await realpath(dirname(file)), await realpath(file)]) {
    for (let path = start; ; path = dirname(path)) {
      const { uid, mode } = await lstat(path);
      if (uid !== 0 || (mode & othersWrite) !== 0) return false;
      if (path === dirname(path)) break;
    }
  }
  return true;
}
