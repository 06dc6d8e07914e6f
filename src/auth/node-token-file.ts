import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { createFileLock } from './node-file-lock.js';
import { createTurns, type StoreChange, type TokenStore } from './token-store.js';

/**
 * Keeps each entry in a file of its own in `folder`, which nobody else may read. Processes that use
 * the same folder take turns; one that is killed leaves every entry whole, old or new.
 */
export function fileTokens(folder: string): TokenStore {
  const inTurn = createTurns();
  const change = async (key: string, make: StoreChange): Promise<JsonObject | undefined> => {
    await prepare(folder);
    const path = pathOf(folder, key);
    const lock = await createFileLock(`${path}.lock`);
    try {
      const next = await make(await read(path, key));
      await lock.stillHeld();
      if (next === undefined) await rm(path, { force: true });
      else await replace(path, JSON.stringify({ key, entry: next }));
      return next;
    } finally {
      await lock.release();
    }
  };
  return {
    // Looking leaves no trace: there may never be anything to keep.
    get: (key) => read(pathOf(folder, key), key),
    update: (key, make) => inTurn(key, () => change(key, make)),
  };
}

function pathOf(folder: string, key: string): string {
  return join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
}

async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const { uid, mode } = await stat(folder);
  if (uid !== process.getuid?.()) throw unusable(`${folder} belongs to somebody else`);
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
}

async function read(path: string, key: string): Promise<JsonObject | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unusable(`${path} cannot be read: ${code}`);
  });
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value) || value['key'] !== key) return undefined;
    return isJsonObject(value['entry']) ? value['entry'] : undefined;
  } catch {
    // Not by this code, which replaces files whole: a login writes it anew.
    return undefined;
  }
}

/** Whoever reads meanwhile sees the old one or the new one, also after a loss of power. */
async function replace(path: string, text: string): Promise<void> {
  const next = `${path}.${randomUUID()}.tmp`;
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

function unusable(why: string): McpError {
  return new McpError('internal', `The tokens cannot be kept: ${why}`);
}
