import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { isOpenToOthers, isOurs, replaceFile } from '../platform/node-files.js';
import { createFileLock } from './node-file-lock.js';
import { createTurns, type StoreChange, type TokenStore } from './token-store.js';

/**
 * Keeps each entry in a file of its own in `folder`, which nobody else may read. Processes that use
 * the same folder take turns; one that is killed leaves every entry whole, old or new.
 */
export function fileTokens(folder: string): TokenStore {
  const inTurn = createTurns();
  let isSwept = false;
  const change = async (key: string, make: StoreChange): Promise<JsonObject | undefined> => {
    await prepare(folder);
    const path = pathOf(folder, key);
    if (!isSwept || isLogin(key)) await sweep(folder);
    isSwept = true;
    const lock = await createFileLock(lockOf(folder, key));
    try {
      const next = await make(await read(path, key));
      const beforeRename = (): Promise<void> => lock.stillHeld();
      if (next !== undefined) {
        await replaceFile(path, JSON.stringify({ key, entry: next }), { beforeRename });
      } else {
        await lock.stillHeld();
        await rm(path, { force: true });
      }
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
  return join(folder, `${isLogin(key) ? loginPrefix : ''}${hashOf(key)}`);
}

/** Some entries share a lock, since it stays when they go. */
function lockOf(folder: string, key: string): string {
  return join(folder, `${hashOf(key).slice(0, 2)}.lock`);
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

const loginPrefix = 'login-';

function isLogin(key: string): boolean {
  return key.startsWith('["login"');
}

/** What nobody comes back for: logins that were given up, and what dead processes left behind. */
async function sweep(folder: string): Promise<void> {
  const before = Date.now() - defaultLimits.loginMs - defaultLimits.tokenLockMs;
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.tmp') || name.startsWith(loginPrefix),
  );
  for (const name of names) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < before) await rm(path, { force: true });
  }
}

async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const about = await stat(folder);
  if (!isOurs(about.uid)) throw unusable(`${folder} belongs to somebody else`);
  if (isOpenToOthers(about)) await chmod(folder, 0o700);
}

async function read(path: string, key: string): Promise<JsonObject | undefined> {
  const text = await readOwn(path).catch((cause: unknown) => {
    if (cause instanceof McpError) throw cause;
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

async function readOwn(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const about = await file.stat();
    // What others could write may send us to a server of theirs; what they could read is known.
    if (!isOurs(about.uid)) throw unusable(`${path} belongs to somebody else`);
    if (isOpenToOthers(about)) {
      throw unusable(`${path} is open to others: chmod 600, or delete it and log in again`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function unusable(why: string): McpError {
  return new McpError('internal', `The tokens cannot be kept: ${why}`);
}
