/** What is kept of a login, for those who show it to its user or end it. */
import type { AuthorizationServer } from 'oauth4webapi';
import { resolveLimits } from '../limits.js';
import { systemClock } from '../platform/clock.js';
import { findIssuer } from './find-issuer.js';
import { guardedFetch, type GuardOptions } from './guarded-fetch.js';
import { recognize } from './register.js';
import { type StoredTokens, tokensFromJson } from './stored-tokens.js';
import { requestOptions, type ServerRoad } from './token-requests.js';
import { putEntry, storeKeys, type TokenStore } from './token-store.js';

/** Undefined when nobody is logged in to the server. */
export async function readLogin(
  store: TokenStore,
  server: string,
): Promise<StoredTokens | undefined> {
  const { issuer, resource } = (await store.get(storeKeys.server(server))) ?? {};
  if (typeof issuer !== 'string' || typeof resource !== 'string') return undefined;
  return tokensFromJson(await store.get(storeKeys.tokens(issuer, resource)));
}

/** Forgets the tokens. Resolves with whether the authorization server took them back, too. */
export async function endLogin(
  store: TokenStore,
  server: string,
  options: GuardOptions,
): Promise<boolean> {
  const tokens = await readLogin(store, server);
  await putEntry(store, storeKeys.server(server), undefined);
  if (tokens === undefined) return false;
  const { issuer, resource } = tokens;
  await putEntry(store, storeKeys.tokens(issuer, resource), undefined);
  const isRevoked = await revoke(store, server, tokens, options).catch(() => false);
  // So that whoever cannot log in with it any more gets another one. It may be a newer one than
  // that of these tokens, for a login that was not finished; of one by hand that is another's.
  const { clientId } = tokens;
  await store.update(storeKeys.client(issuer), (now) => {
    const isAnothers = now?.['isByHand'] === true && now['clientId'] !== clientId;
    return Promise.resolve(isAnothers ? now : undefined);
  });
  await putEntry(store, storeKeys.pin(server, clientId), undefined);
  return isRevoked;
}

/** Ends what a login somewhere else has taken the place of: nobody would find it any more. */
export async function endReplaced(
  store: TokenStore,
  server: string,
  old: StoredTokens | undefined,
  options: GuardOptions,
): Promise<void> {
  const now = await readLogin(store, server);
  if (old === undefined || now === undefined) return;
  const { issuer, resource } = old;
  if (now.issuer === issuer && now.resource === resource) return;
  await putEntry(store, storeKeys.tokens(issuer, resource), undefined);
  await revoke(store, server, old, options).catch(() => false);
}

/** The same store, in which nobody has logged in to the server until somebody does. */
export function withoutLogin(store: TokenStore, server: string): TokenStore {
  const key = storeKeys.server(server);
  let isNew = false;
  return {
    get: (name) => (name === key && !isNew ? Promise.resolve(undefined) : store.get(name)),
    async update(name, change) {
      const next = await store.update(name, change);
      isNew ||= name === key;
      return next;
    },
  };
}

/** RFC 7009: with its refresh token a whole grant ends. */
async function revoke(
  store: TokenStore,
  server: string,
  { issuer, resource, clientId, refreshToken, accessToken }: StoredTokens,
  options: GuardOptions,
): Promise<boolean> {
  const limits = resolveLimits();
  const fetch = guardedFetch({ ...options, typedUrl: server });
  const metadata = await findIssuer(issuer, { fetch, limits });
  if (typeof metadata['revocation_endpoint'] !== 'string') return false;
  const road: ServerRoad = { fetch, limits, clock: systemClock, issuer, metadata, resource };
  const redirectUrl = 'http://127.0.0.1/';
  const client = await recognize(road, { clientName: '', redirectUrl }, store, clientId);
  if (client?.clientId !== clientId) return false;
  const library = await import('oauth4webapi');
  const response = await library.revocationRequest(
    metadata as unknown as AuthorizationServer,
    { client_id: clientId },
    client.auth,
    refreshToken ?? accessToken,
    requestOptions(library, road),
  );
  await library.processRevocationResponse(response);
  return true;
}
