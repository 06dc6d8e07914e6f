import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isScope } from '../authorization.js';
import { McpError } from '../errors.js';
import { isJsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { isOpenToOthers, isOursOrOfRoot, replaceFile } from '../platform/node-files.js';
import { createFileLock } from './node-file-lock.js';

/** An API key as its file knows it: enough to recognise it, too little to use it. */
export interface StoredKey {
  /** Part of the key itself, and the name of its bearer. */
  readonly id: string;
  /** Of the whole key, in hexadecimal. */
  readonly sha256: string;
  /** What people call it. */
  readonly name?: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  /** Absent: never. */
  readonly expiresAt?: string;
}

export interface NewKey {
  readonly name?: string;
  readonly scopes: readonly string[];
  /** In Unix ms; Infinity for never. */
  readonly expiresAt: number;
}

const prefix = 'sp';

/** `sp_<id>_<secret>`: 9 and 32 random bytes, in letters that fit everywhere. */
const keyText = /^sp_([0-9a-f]{18})_[A-Za-z0-9_-]{43}$/;

/** The id in a key; undefined for what is none. */
export function keyIdIn(key: string): string | undefined {
  return keyText.exec(key)?.[1];
}

export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** All keys of a file. Rejects when others than its owner could read or change it. */
export function readKeyFile(path: string): Promise<readonly StoredKey[]> {
  return read(path, refuseOthers);
}

async function read(
  path: string,
  refuseOwner: (path: string, about: Owner) => void,
): Promise<readonly StoredKey[]> {
  let file: FileHandle;
  try {
    // What is a pipe in its place would have us wait for a writer; Windows knows no such flag.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw unusable(path, 'cannot be opened', cause);
  }
  try {
    const about = await file.stat();
    if (isOpenToOthers(about)) {
      throw unusable(path, 'can be read by others: run chmod 600 on it');
    }
    refuseOwner(path, about);
    if (!about.isFile()) throw unusable(path, 'is no file');
    if (about.size > defaultLimits.keyFileBytesMax) throw unusable(path, 'is too large');
    return parse(path, await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

/** Adds a key, and resolves with it: the only time that it can be seen. */
export async function addKey(path: string, wanted: NewKey, now: number): Promise<NewlyMade> {
  const id = randomBytes(9).toString('hex');
  const key = `${prefix}_${id}_${randomBytes(32).toString('base64url')}`;
  const stored: StoredKey = {
    id,
    sha256: hashOfKey(key).toString('hex'),
    ...(wanted.name === undefined ? {} : { name: wanted.name }),
    scopes: wanted.scopes,
    createdAt: new Date(now).toISOString(),
    ...(wanted.expiresAt === Infinity
      ? {}
      : { expiresAt: new Date(wanted.expiresAt).toISOString() }),
  };
  await change(path, (keys) => [...keys, stored], true);
  return { key, stored };
}

export interface NewlyMade {
  readonly key: string;
  readonly stored: StoredKey;
}

/** Takes a key back, by its id. False when there is none. */
export async function revokeKey(path: string, id: string): Promise<boolean> {
  let isFound = false;
  await change(path, (keys) => {
    const left = keys.filter((key) => key.id !== id);
    isFound = left.length < keys.length;
    return left;
  });
  return isFound;
}

/** Under a lock, and by a file that takes the place of the old one whole. */
async function change(
  path: string,
  to: (keys: readonly StoredKey[]) => readonly StoredKey[],
  mayCreate = false,
): Promise<void> {
  // A link goes on to lead to the keys, and the file that it leads to is the one that is changed.
  const real = await realpath(path).catch(() => path);
  const lock = await createFileLock(join(dirname(real), `.${basename(real)}.lock`)).catch(
    (cause: unknown) => {
      throw unusable(path, 'cannot be changed', cause);
    },
  );
  try {
    const before = await stat(real).catch(() => undefined);
    const keys = to(before === undefined && mayCreate ? [] : await read(real, refuseUnlessRoot));
    await replaceFile(real, `${JSON.stringify({ keys }, undefined, 2)}\n`, {
      // The server may run as another user than whoever changes its keys as root.
      owner: process.getuid?.() === 0 ? before : undefined,
      beforeRename: () => lock.stillHeld(),
    });
  } finally {
    await lock.release();
  }
}

type Owner = Pick<Stats, 'uid'>;

/** Root may change the keys of a server that runs as somebody else; serve them it may not. */
function refuseUnlessRoot(path: string, about: Owner): void {
  if (process.getuid?.() !== 0) refuseOthers(path, about);
}

function refuseOthers(path: string, { uid }: Owner): void {
  if (!isOursOrOfRoot(uid)) throw unusable(path, 'belongs to another user');
}

function parse(path: string, text: string): readonly StoredKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, 'is no JSON', cause);
  }
  const keys = isJsonObject(value) ? value['keys'] : undefined;
  if (!Array.isArray(keys)) throw unusable(path, 'has no list of keys');
  const bad = keys.findIndex((key) => !isStoredKey(key));
  if (bad >= 0) throw unusable(path, `has a key that is not whole, the one at place ${bad}`);
  return keys as readonly StoredKey[];
}

function isStoredKey(key: unknown): key is StoredKey {
  if (!isJsonObject(key)) return false;
  const { id, sha256, scopes, expiresAt } = key;
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{18}$/.test(id) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Array.isArray(scopes) &&
    scopes.every(isScope) &&
    // What is no time would never be over.
    (expiresAt === undefined ||
      (typeof expiresAt === 'string' && Number.isFinite(Date.parse(expiresAt))))
  );
}

function unusable(path: string, why: string, cause?: unknown): McpError {
  const options = cause === undefined ? {} : { cause };
  return new McpError('internal', `The key file ${path} ${why}`, options);
}
