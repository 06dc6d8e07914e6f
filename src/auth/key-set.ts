import type { JWK, JWTVerifyGetKey } from 'jose';
import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { GuardedFetch } from './guarded-fetch.js';
import { cannotTell } from './refuse-token.js';

export interface KeySetOptions {
  /** Finds out where the keys are. */
  readonly url: () => Promise<string>;
  readonly fetch: GuardedFetch;
  readonly limits: Limits;
}

/** The keys of an issuer: kept for a while, and fetched by one request for all who wait. */
export interface KeySet {
  /** Rejects with McpError `unavailable` when they cannot be had. */
  keys(now: number): Promise<JWTVerifyGetKey>;
  /** Looks for keys that are new, unless somebody has just done so: then undefined. */
  newer(now: number): Promise<JWTVerifyGetKey | undefined>;
}

export function createKeySet({ url, fetch, limits }: KeySetOptions): KeySet {
  let kept: { readonly keys: JWTVerifyGetKey; readonly at: number } | undefined;
  let fetching: Promise<JWTVerifyGetKey> | undefined;
  let askedAt = -Infinity;
  let failed: { readonly at: number; readonly why: McpError } | undefined;

  const load = async (now: number): Promise<JWTVerifyGetKey> => {
    const { jwksBytesMax: bytesMax, discoveryMs: timeoutMs } = limits;
    const response = await fetch(await url(), { bytesMax, timeoutMs });
    const found: unknown = response.ok ? await response.json() : undefined;
    const keys = await toKeys(found);
    kept = { keys, at: now };
    return keys;
  };
  const refresh = (now: number): Promise<JWTVerifyGetKey> => {
    if (fetching !== undefined) return fetching;
    askedAt = now;
    fetching = load(now)
      .catch((cause: unknown) => {
        failed = { at: now, why: cannotTell(cause) };
        throw failed.why;
      })
      .finally(() => (fetching = undefined));
    return fetching;
  };
  const isFresh = (now: number): boolean => kept !== undefined && now - kept.at < limits.jwksMs;

  return {
    async keys(now) {
      if (isFresh(now)) return kept!.keys;
      try {
        // A server that does not answer is not asked anew for each token.
        if (failed !== undefined && now - failed.at < limits.jwksRetryMs) throw failed.why;
        return await refresh(now);
      } catch (thrown) {
        if (kept !== undefined && now - kept.at < limits.jwksMs + limits.jwksStaleMs)
          return kept.keys;
        throw thrown;
      }
    },
    async newer(now) {
      if (fetching !== undefined) return fetching;
      if (now - askedAt < limits.jwksRefreshMs) return undefined;
      return refresh(now);
    },
  };
}

/** Public keys only, and of kinds that the algorithms use: a shared secret is nobody's identity. */
async function toKeys(found: unknown): Promise<JWTVerifyGetKey> {
  const all = isJsonObject(found) ? found['keys'] : undefined;
  if (!Array.isArray(all)) throw new McpError('badResponse', 'The issuer publishes no keys');
  const keys = all.filter((key: unknown): key is JWK => isJsonObject(key) && isPublic(key));
  const { createLocalJWKSet } = await import('jose');
  return createLocalJWKSet({ keys });
}

function isPublic({ kty, d, k }: JsonObject): boolean {
  return (kty === 'RSA' || kty === 'EC' || kty === 'OKP') && d === undefined && k === undefined;
}
