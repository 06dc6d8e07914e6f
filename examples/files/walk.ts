import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Walked {
  /** Relative to the folder, with slashes, sorted folder by folder. */
  readonly paths: readonly string[];
  /** How many more files there are. */
  readonly remaining: number;
  readonly unreadableFolders: string[];
}

/** Folders that hold what others made. */
const leftOut = new Set(['.git', 'node_modules']);

/** All plain files below `folder`, up to `filesMax`. Links are not followed, so it cannot circle. */
export async function walk(folder: string, filesMax: number, signal: AbortSignal): Promise<Walked> {
  const paths: string[] = [];
  const unreadableFolders: string[] = [];
  let remaining = 0;
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    signal.throwIfAborted();
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) {
      unreadableFolders.push(at === '' ? '.' : at);
      continue;
    }
    entries.sort((one, other) => (one.name < other.name ? -1 : 1));
    const below: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory() && leftOut.has(entry.name)) continue;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) below.push(path);
      else if (entry.isFile() && paths.length < filesMax) paths.push(path);
      else if (entry.isFile()) remaining++;
    }
    waiting.push(...below.toReversed());
  }
  return { paths, remaining, unreadableFolders };
}
