import { timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Auth } from '../authorization.js';
import { type Limits, resolveLimits } from '../limits.js';
import { hashOfKey, keyIdIn, readKeyFile, type StoredKey } from './node-key-file.js';
import { cannotTell, refuseToken } from './refuse-token.js';

export interface ApiKeyOptions {
  readonly limits?: Partial<Limits>;
}

interface Key {
  readonly digest: Buffer;
  readonly scopes: readonly string[];
  readonly endsAt: number;
}

type Keys = ReadonlyMap<string, Key>;

/**
 * API keys of a file that `sallyport keys` writes. It holds digests only, belongs to its owner
 * alone, and is read again when it changes: a revoked key is refused a second later. Throws where
 * there is no such file.
 */
export function apiKeys(file: string, options: ApiKeyOptions = {}): Auth {
  const limits = resolveLimits(options.limits);
  statSync(file);
  let kept: { readonly keys: Keys; readonly version: string } | undefined;
  let lookedAt = -Infinity;
  let looking: Promise<Keys> | undefined;

  const look = async (): Promise<Keys> => {
    const { mtimeMs, ctimeMs, ino, size } = await stat(file);
    const version = [mtimeMs, ctimeMs, ino, size].join(' ');
    if (kept?.version !== version) {
      const all = await readKeyFile(file);
      kept = { keys: new Map(all.map((key) => [key.id, asKey(key)])), version };
    }
    return kept.keys;
  };
  const keysAt = (now: number): Promise<Keys> => {
    const isSoon = Math.abs(now - lookedAt) < limits.keyFileCheckMs;
    if (looking !== undefined && isSoon) return looking;
    lookedAt = now;
    // A file that cannot be read any more must not leave its last keys in force.
    looking = look().catch((cause: unknown) => {
      kept = undefined;
      looking = undefined;
      throw cannotTell(cause);
    });
    return looking;
  };
  return {
    recheckMs: limits.keyFileCheckMs,
    async verify(token, { now, resource }) {
      const id = keyIdIn(token);
      const keys = await keysAt(now);
      const key = id === undefined ? undefined : keys.get(id);
      // Equally long for a key whose id is known and one whose is not.
      const isRight = timingSafeEqual(hashOfKey(token), key?.digest ?? nobodys);
      if (key === undefined || !isRight) throw refuseToken('No such API key is known');
      const { scopes, endsAt } = key;
      if (endsAt <= now) throw refuseToken(`The API key ${id} has expired`);
      return { id: `key:${id}`, audience: resource, expiresAt: endsAt, scopes };
    },
  };
}

const nobodys = Buffer.alloc(32);

function asKey({ sha256, scopes, expiresAt }: StoredKey): Key {
  const endsAt = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
  return { digest: Buffer.from(sha256, 'hex'), scopes, endsAt };
}
