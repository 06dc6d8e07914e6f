import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { GuardedFetch } from './guarded-fetch.js';

export interface FindOptions {
  readonly fetch: GuardedFetch;
  readonly limits: Limits;
}

/**
 * What an authorization server publishes of itself: RFC 8414, or OpenID Connect Discovery. Rejects
 * unless it names the very issuer that was asked for.
 */
export async function findIssuer(issuer: string, options: FindOptions): Promise<JsonObject> {
  let isInTrouble = false;
  for (const url of placesOf(issuer)) {
    const response = await fetchMetadata(url, options);
    isInTrouble ||= isTrouble(response.status);
    if (!response.ok) continue;
    const metadata: unknown = await response.json().catch(() => undefined);
    if (!isJsonObject(metadata)) continue;
    if (metadata['issuer'] === issuer) return metadata;
    throw new McpError('badResponse', 'The metadata is that of another issuer');
  }
  const text = 'The issuer publishes no metadata';
  if (isInTrouble) throw new McpError('badResponse', `${text} for now`);
  throw new McpError('badResponse', text, { data: 'absent' });
}

export function fetchMetadata(url: string, { fetch, limits }: FindOptions): Promise<Response> {
  const { discoveryBytesMax: bytesMax, discoveryMs: timeoutMs } = limits;
  return fetch(url, { bytesMax, timeoutMs });
}

/** Whoever is only out of order publishes something, as far as anybody knows. */
export function isTrouble(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function placesOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname.replace(/\/$/, '');
  const all = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(all)];
}
