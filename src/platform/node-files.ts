/** Files that hold secrets, or decide what runs: whose they are, and how they are replaced. */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

type Owner = Pick<Stats, 'uid' | 'gid'>;

const hasModes = process.platform !== 'win32';
const groupOrOthers = 0o077;

/** Always on Windows, where the folder of the user is what protects a file. */
export function isOurs(uid: number): boolean {
  return !hasModes || uid === process.getuid?.();
}

export function isOursOrOfRoot(uid: number): boolean {
  return uid === 0 || isOurs(uid);
}

/** Whether anybody but the owner may do anything with it. Windows has no such bits. */
export function isOpenToOthers({ mode }: Pick<Stats, 'mode'>): boolean {
  return hasModes && (mode & groupOrOthers) !== 0;
}

export interface ReplaceOptions {
  /** Whose it is to be. Default: that of this process. */
  readonly owner?: Owner | undefined;
  /** Rejects where it must not be done after all. */
  readonly beforeRename?: () => Promise<void>;
}

/**
 * Writes a file for its owner alone. Whoever reads meanwhile sees the old one or the new one whole,
 * also after a loss of power; where it fails, nothing is left behind.
 */
export async function replaceFile(
  path: string,
  text: string,
  { owner, beforeRename }: ReplaceOptions = {},
): Promise<void> {
  const next = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(next, 'wx', 0o600);
    try {
      if (owner !== undefined) await file.chown(owner.uid, owner.gid);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    await rename(next, path);
  } catch (thrown) {
    await rm(next, { force: true });
    throw thrown;
  }
}
