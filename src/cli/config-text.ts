import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { countKeys } from '../json-rpc/count-keys.js';
import { boundsForServer } from '../json-rpc/parse.js';
import { scanJson } from '../json-rpc/scan.js';
import { defaultLimits } from '../limits.js';
import { isOursOrOfRoot } from '../platform/node-files.js';
import { Failure } from './failure.js';

/** What a file says that decides which programs run. */
export interface TrustedText {
  /** Where the links lead. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

const { configBytesMax: fileBytesMax } = defaultLimits;

/**
 * Reads a file, once, that nobody but its reader and the administrator can have written. Rejects
 * with a Failure that says what to do about it.
 */
export async function readTrusted(path: string): Promise<TrustedText> {
  const file = await realpath(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  // Without O_NONBLOCK a named pipe would be waited for.
  const how = constants.O_RDONLY | constants.O_NONBLOCK;
  const handle = await open(file, how).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw refused(path, 'is no regular file', 'Give the path of a file.');
    if (found.size > fileBytesMax) {
      throw refused(path, `has ${found.size} bytes; at most ${fileBytesMax} are read`, '');
    }
    if (process.platform !== 'win32') {
      refuseStrangers(path, found);
      await refuseOpenFolders(path, file);
    }
    const buffer = Buffer.alloc(fileBytesMax + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0) break;
    }
    if (length > fileBytesMax) throw refused(path, `has over ${fileBytesMax} bytes`, '');
    return { file, bytes: buffer.subarray(0, length) };
  } finally {
    await handle.close();
  }
}

const othersWrite = 0o002;
const sticky = 0o1000;
const groupOrOthersWrite = 0o022;

function refuseStrangers(path: string, { uid, mode }: { uid: number; mode: number }): void {
  if (!isOursOrOfRoot(uid)) {
    throw refused(
      path,
      `belongs to another user (${uid}), who decides what it starts`,
      'Copy it to a file of your own once you have read it.',
    );
  }
  if ((mode & groupOrOthersWrite) !== 0) {
    const who = (mode & othersWrite) !== 0 ? 'everybody' : 'its group';
    throw refused(path, `may be changed by ${who}`, `Mend that: chmod go-w '${path}'`);
  }
}

/** Whoever may write a folder may put another file in the place of this one. */
async function refuseOpenFolders(path: string, file: string): Promise<void> {
  for (let folder = dirname(file), below = ''; folder !== below; folder = dirname(folder)) {
    below = folder;
    const { mode, uid } = await stat(folder).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    // In a folder like /tmp everybody may add files, and nobody may replace those of others.
    const isShared = (mode & sticky) !== 0 && isOursOrOfRoot(uid);
    if ((mode & othersWrite) === 0 || isShared) continue;
    const what = `is in a folder that everybody may change, ${folder}`;
    throw refused(path, what, `Mend that: chmod o-w '${folder}'`);
  }
}

/** JSON, in which comments and trailing commas are allowed. Bounded like any message. */
export function parseConfigText({ bytes }: TrustedText, path: string): unknown {
  const json = withoutComments(bytes);
  const members = scanJson(json, boundsForServer(defaultLimits));
  if (members < 0) throw refused(path, 'is nested too deeply or has too many values', '');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw refused(path, `is no valid JSON: ${faultOf(cause, json)}`, 'Mend it there.', cause);
  }
  const keys = countKeys(value);
  if (Number.isNaN(keys)) {
    const next = 'Rename it: it would be the prototype of its object.';
    throw refused(path, 'has a member "__proto__"', next);
  }
  if (keys !== members) {
    throw refused(path, 'has two members of one name in an object', 'Leave one of them.');
  }
  return value;
}

function faultOf(cause: unknown, json: Uint8Array): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  const [, position] = /at position (\d+)/.exec(said) ?? [];
  if (position === undefined || said.includes('(line ')) return said;
  const before = new TextDecoder().decode(json).slice(0, Number(position)).split('\n');
  return `${said} (line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`;
}

const code = (char: string): number => char.charCodeAt(0);
const [space, quote, backslash, slash, star, comma, newline] = [...' "\\/*,\n'].map(code);

/** Comments and trailing commas become spaces, so that positions in error messages are right. */
function withoutComments(bytes: Uint8Array): Uint8Array {
  const json = Uint8Array.from(bytes);
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (json[i] !== newline) json[i] = space as number;
  };
  if (json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf) blank(0, 3);
  let lastComma = -1;
  let i = 0;
  while (i < json.length) {
    const byte = json[i] as number;
    if (byte === slash && (json[i + 1] === slash || json[i + 1] === star)) {
      const end = commentEnd(json, i);
      blank(i, end);
      i = end;
      continue;
    }
    if ((byte | 0x20) === 0x7d && lastComma >= 0) json[lastComma] = space as number;
    if (byte === comma) lastComma = i;
    else if (byte > 0x20) lastComma = -1;
    i = byte === quote ? stringEnd(json, i + 1) : i + 1;
  }
  return json;
}

function commentEnd(json: Uint8Array, from: number): number {
  if (json[from + 1] === slash) {
    const end = json.indexOf(newline as number, from);
    return end < 0 ? json.length : end;
  }
  for (let i = from + 2; i < json.length - 1; i++) {
    if (json[i] === star && json[i + 1] === slash) return i + 2;
  }
  return json.length;
}

function stringEnd(json: Uint8Array, from: number): number {
  for (let i = from; i < json.length; i++) {
    if (json[i] === backslash) i++;
    else if (json[i] === quote) return i + 1;
  }
  return json.length;
}

function unreadable(path: string, cause: unknown): Failure {
  const { code = 'failed' } = cause as NodeJS.ErrnoException;
  return refused(path, `cannot be read: ${code}`, 'Check its path and permissions.', cause);
}

export function refused(path: string, what: string, next: string, cause?: unknown): Failure {
  return new Failure('configuration', `The file "${path}" ${what}.`, next, cause);
}
