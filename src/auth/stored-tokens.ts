import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { putEntry, storeKeys, type TokenStore } from './token-store.js';

/** Tokens as they are kept. */
export interface StoredTokens {
  readonly accessToken: string;
  readonly isDpop: boolean;
  /** In Unix ms; undefined when nobody said. */
  readonly expiresAt: number | undefined;
  /** In Unix ms; undefined in what an earlier version kept. */
  readonly givenAt?: number | undefined;
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
  readonly issuer: string;
  readonly resource: string;
  /** Who they were given to: nobody else can refresh them. */
  readonly clientId: string;
  /** The private key that they are bound to, as JWK. */
  readonly dpopKey: JsonObject | undefined;
}

export function tokensToJson(tokens: StoredTokens): JsonObject {
  return Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== undefined));
}

/** Undefined for what was not written by `tokensToJson`, or by another version of it. */
export function tokensFromJson(json: JsonObject | undefined): StoredTokens | undefined {
  if (json === undefined) return undefined;
  const { accessToken, isDpop, expiresAt, refreshToken, scopes, issuer, resource, clientId } = json;
  const { dpopKey, givenAt } = json;
  const isBound = isJsonObject(dpopKey);
  const isWhole =
    // Without its key such a token is of no use, and must not be shown as one that needs none.
    isBound === (isDpop === true) &&
    typeof accessToken === 'string' &&
    typeof issuer === 'string' &&
    typeof resource === 'string' &&
    typeof clientId === 'string' &&
    Array.isArray(scopes);
  if (!isWhole) return undefined;
  return {
    accessToken,
    isDpop: isDpop === true,
    expiresAt: typeof expiresAt === 'number' ? expiresAt : undefined,
    givenAt: typeof givenAt === 'number' ? givenAt : undefined,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    scopes: scopes.filter((scope): scope is string => typeof scope === 'string'),
    issuer,
    resource,
    clientId,
    dpopKey: isBound ? dpopKey : undefined,
  };
}

/** What is asked for by the address of a server is found by where its tokens come from. */
export async function keepTokens(
  store: TokenStore,
  server: string,
  tokens: StoredTokens,
): Promise<void> {
  const { issuer, resource } = tokens;
  await putEntry(store, storeKeys.tokens(issuer, resource), tokensToJson(tokens));
  await putEntry(store, storeKeys.server(server), { issuer, resource });
}
