import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * The real path of the folder `dir` below `root`; undefined when there is none, and just so when
 * `dir` leads out of `root`, by dots or by links: callers learn nothing of what is outside.
 */
export async function folderWithin(root: string, dir: string): Promise<string | undefined> {
  if (dir.includes('\0') || isAbsolute(dir)) return undefined;
  try {
    const realRoot = await realpath(root);
    const path = resolve(realRoot, dir);
    if (!isWithin(realRoot, path)) return undefined;
    const realFolder = await realpath(path);
    if (!isWithin(realRoot, realFolder)) return undefined;
    return (await stat(realFolder)).isDirectory() ? realFolder : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
