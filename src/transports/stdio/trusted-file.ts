import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { McpError } from '../../errors.js';
import { isOursOrOfRoot } from '../../platform/node-files.js';
import type { FoundCommand } from './find-command.js';

/**
 * Refuses a program that others may have put or changed there, one that is not the pinned one, and
 * a text without an interpreter line, which a launcher would hand to a shell.
 */
export async function refuseUntrusted(
  { file, realFile }: FoundCommand,
  sha256?: string,
): Promise<void> {
  if (process.platform !== 'win32') {
    for (const path of new Set([...(await linksFrom(file)), realFile])) await refuseWritable(path);
    await refuseUnrunnable(realFile);
  }
  if (sha256 === undefined) return;
  const found = await sha256Of(realFile);
  if (found === sha256.toLowerCase()) return;
  throw failed(
    `${realFile} is not the file that was pinned: its SHA-256 is ${found}, not ${sha256}. ` +
      'If the change is yours, pin the new one.',
  );
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    throw failed(`${file} cannot be read, so its SHA-256 is unknown`, cause);
  }
  return hash.digest('hex');
}

/** The file and each link on the way from it: whoever may change one of them decides what runs. */
async function linksFrom(file: string): Promise<string[]> {
  const paths = [file];
  for (let path = file; paths.length < linksMax && (await lstat(path)).isSymbolicLink();) {
    path = resolve(dirname(path), await readlink(path));
    paths.push(path);
  }
  return paths;
}

// As many as Linux follows.
const linksMax = 40;
const othersWrite = 0o002;
const sticky = 0o1000;

async function refuseWritable(path: string): Promise<void> {
  let entry = path;
  let found = await lstat(entry);
  if (!found.isSymbolicLink() && (found.mode & othersWrite) !== 0) throw writable(path, entry);
  for (let folder = dirname(path); folder !== entry; folder = dirname(folder)) {
    const around = await lstat(folder);
    if (!around.isSymbolicLink() && (around.mode & othersWrite) !== 0) {
      // In a folder like /tmp everybody may add files, and nobody may replace those of others.
      const safe = (around.mode & sticky) !== 0 && isOursOrOfRoot(found.uid);
      if (!safe) throw writable(path, folder);
    }
    [entry, found] = [folder, around];
  }
}

function writable(path: string, culprit: string): McpError {
  return failed(
    `${path} is not started: everybody may change ${culprit}. ` +
      `If it is yours, mend that: chmod o-w '${culprit}'`,
  );
}

async function refuseUnrunnable(file: string): Promise<void> {
  const head = await headOf(file);
  // Not readable, or of a kind that only the system knows: it will say what it thinks of it.
  if (head === undefined || head.includes(0)) return;
  const [line = ''] = head.toString('latin1').split('\n');
  if (!line.startsWith('#!')) {
    throw failed(
      `${file} could not be started. It is neither a program of this system nor a script with ` +
        'an interpreter line.',
    );
  }
  const [interpreter = ''] = line.slice(2).trim().split(/\s/);
  if (await lstat(interpreter).catch(() => undefined)) return;
  throw failed(
    `${file} could not be started. The interpreter that its first line names, ` +
      `${JSON.stringify(interpreter)}, does not exist.`,
  );
}

async function headOf(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

function failed(message: string, cause?: unknown): McpError {
  return new McpError('connectionFailed', message, { cause });
}
