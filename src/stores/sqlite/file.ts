import { closeSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isOpenToOthers, isOurs } from '../../platform/node-files.js';

/** The files that this process has open, by their true paths. */
const open = new Set<string>();

/**
 * Makes sure that a file is there, this user's alone, and not open already in this process. Returns
 * its true path, and what lets go of it.
 */
export function takeFile(file: string): { readonly path: string; readonly release: () => void } {
  if (file === '' || file === ':memory:') {
    throw new TypeError('A store in SQLite needs a file; without one servers keep all in memory');
  }
  const wanted = resolve(file);
  create(wanted);
  const path = realpathSync(wanted);
  checkOwner(path, statSync(path));
  // To open and close it once more would give up the lock that another part of this process holds.
  if (open.has(path)) throw new Error(`${path} is open in this process already; share that store`);
  open.add(path);
  return { path, release: () => void open.delete(path) };
}

function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const why = code === 'ENOENT' ? 'there is no such folder' : String(code);
    throw new Error(`${path} cannot be created: ${why}`, { cause });
  }
}

function checkOwner(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new Error(`${path} is no file`);
  if (!isOurs(stats.uid)) throw new Error(`${path} belongs to another user`);
  if (isOpenToOthers(stats)) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new Error(`${path} holds secrets, and others may open it (${mode}): "chmod 600" it`);
  }
}
