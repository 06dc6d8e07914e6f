import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isJsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { replaceFile } from '../platform/node-files.js';
import { Failure } from './failure.js';
import { parseConfigText, readTrusted } from './config-text.js';
import { stateFolder } from './state-folder.js';

/** What decides what a server does, part by part: a name for people, and its value. */
export type Parts = { readonly [part: string]: string };

export interface Approvals {
  /** Undefined for a server that was never approved; else the names of the parts that differ. */
  changed(server: string, parts: Parts): Promise<readonly string[] | undefined>;
  remember(server: string, parts: Parts): Promise<void>;
}

type Hashes = { readonly [part: string]: string };
type Stored = ReadonlyMap<string, Hashes>;

/** Approvals of this user. Only digests are kept, since arguments may be secrets. */
export function approvalsOf(env: { readonly [name: string]: string | undefined }): Approvals {
  const file = join(stateFolder(env), 'approvals.json');
  return {
    async changed(server, parts) {
      const before = (await load(file)).get(server);
      if (before === undefined) return undefined;
      const now = hashesOf(server, parts);
      const names = new Set([...Object.keys(before), ...Object.keys(now)]);
      return [...names].filter((name) => before[name] !== now[name]);
    },
    async remember(server, parts) {
      // Read again: another command may have written meanwhile.
      const stored = new Map(await load(file));
      stored.delete(server);
      stored.set(server, hashesOf(server, parts));
      await save(file, new Map([...stored].slice(-defaultLimits.approvalsMax))).catch(
        (cause: unknown) => {
          const { code = 'failed' } = cause as NodeJS.ErrnoException;
          const next = 'Let XDG_STATE_HOME name a folder of yours.';
          const message = `The approval cannot be kept in ${file}: ${code}.`;
          throw new Failure('configuration', message, next, cause);
        },
      );
    },
  };
}

function hashesOf(server: string, parts: Parts): Hashes {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [
      part,
      // With the names in it, equal values of two servers cannot be told from their digests.
      createHash('sha256')
        .update(JSON.stringify([server, part, value]))
        .digest('hex'),
    ]),
  );
}

/** Rejects with a Failure where others could have written it. */
async function load(file: string): Promise<Stored> {
  if (!(await stat(file).catch(() => undefined))) return new Map();
  const value = parseConfigText(await readTrusted(file), file);
  const { approved } = isJsonObject(value) ? value : {};
  if (!isJsonObject(approved)) return new Map();
  return new Map(
    Object.entries(approved).flatMap(([server, hashes]) =>
      isHashes(hashes) ? [[server, hashes] as const] : [],
    ),
  );
}

function isHashes(value: unknown): value is Hashes {
  return isJsonObject(value) && Object.values(value).every((hash) => typeof hash === 'string');
}

async function save(file: string, stored: Stored): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const value = { version: 1, approved: Object.fromEntries(stored) };
  await replaceFile(file, `${JSON.stringify(value, undefined, 1)}\n`);
}
