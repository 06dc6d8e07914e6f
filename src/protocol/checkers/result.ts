/** What all results share, and what tells their kinds apart. */
import type { JsonObject } from '../../json-rpc/message.js';
import { integer, object, oneOf, string, type Checker } from '../combinators.js';
import { resultMeta } from './base.js';

/**
 * A result as either era sends it. Older peers know neither `resultType` nor the cache hints, whose
 * absence means `complete` and `do not keep` (2026-07-28 basic, server/utilities/caching).
 */
export type Answer<T> = Omit<T, SaidByModernPeers> & {
  readonly [key in Extract<keyof T, SaidByModernPeers>]?: T[key];
};
type SaidByModernPeers = 'resultType' | 'ttlMs' | 'cacheScope';

type ResultMembers = {
  readonly resultType: Checker<string>;
  readonly _meta: typeof resultMeta;
};

type CacheableMembers = ResultMembers & {
  readonly ttlMs: Checker<number>;
  readonly cacheScope: Checker<'private' | 'public'>;
};

/** Optional members of every result. */
export const resultMembers: ResultMembers = { resultType: string, _meta: resultMeta };

/** Optional members of a result that a client may keep. A negative ttlMs is legal and means 0. */
export const cacheableMembers: CacheableMembers = {
  ...resultMembers,
  ttlMs: integer,
  cacheScope: oneOf(['private', 'public']),
};

/** Optional members of one page of a list. */
export const pageMembers: CacheableMembers & { readonly nextCursor: Checker<string> } = {
  ...cacheableMembers,
  nextCursor: string,
};

/** A result that says nothing but that all went well. */
export const emptyResult: Checker<JsonObject> = object<JsonObject>({}, resultMembers);

/** `complete` where the peer is too old to say. */
export function resultTypeOf(result: JsonObject): string {
  return typeof result['resultType'] === 'string' ? result['resultType'] : 'complete';
}
