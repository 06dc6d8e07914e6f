/** Logging in: the authorization code grant with PKCE, in two steps. */
import type { AuthorizationServer } from 'oauth4webapi';
import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { isLoopbackUrl } from '../platform/loopback.js';
import { dpopKey } from './dpop.js';
import type { Place } from './find-resource.js';
import type { StoredTokens } from './stored-tokens.js';
import {
  askForTokens,
  errorCode,
  type KnownClient,
  refusalOf,
  type ServerRoad,
  tokensOf,
} from './token-requests.js';

/** A login that a person has been sent to: what its answer is checked against. */
export interface StartedLogin {
  readonly server: string;
  readonly resource: string;
  /** Recorded before the redirect (RFC 9207): nobody else may answer. */
  readonly issuer: string;
  readonly metadata: JsonObject;
  readonly clientId: string;
  readonly redirectUrl: string;
  readonly state: string;
  readonly verifier: string;
  readonly scopes: readonly string[];
  readonly dpopKey?: JsonObject;
  /** In Unix ms. */
  readonly startedAt: number;
}

export interface LoginWish {
  readonly now: number;
  readonly server: string;
  readonly place: Place;
  readonly clientId: string;
  readonly redirectUrl: string;
  readonly scopes: readonly string[];
  readonly dpop: boolean;
  /** Lets the login be on this machine by plain http, as for a server that is there, too. */
  readonly allowLoopbackHttp: boolean;
}

/** Makes the address that a person has to visit. Rejects with McpError for one that is unsafe. */
export async function startLogin(
  wish: LoginWish,
): Promise<{ readonly url: string; readonly login: StartedLogin }> {
  const { server, place, clientId, redirectUrl, scopes } = wish;
  const { resource, issuer, metadata } = place;
  const url = authorizationUrl(metadata, wish.allowLoopbackHttp || isLoopbackUrl(server));
  const library = await import('oauth4webapi');
  const verifier = library.generateRandomCodeVerifier();
  const state = library.generateRandomState();
  const key = wish.dpop ? await dpopKey() : undefined;
  const all: { readonly [name: string]: string } = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUrl,
    state,
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    // OpenID Connect Core, section 11: a server ignores offline_access without it.
    ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
    ...(key === undefined ? {} : { dpop_jkt: await key.handle.calculateThumbprint() }),
  };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  const base = { server, resource, issuer, metadata, clientId, redirectUrl, state, verifier };
  const login = {
    ...base,
    scopes,
    startedAt: wish.now,
    ...(key === undefined ? {} : { dpopKey: key.jwk }),
  };
  return { url: url.href, login };
}

/** Somebody is going to open it: no other kind of address, and none that lies about its host. */
function authorizationUrl(metadata: JsonObject, isPlainAllowed: boolean): URL {
  const { authorization_endpoint: endpoint } = metadata;
  const { code_challenge_methods_supported: methods } = metadata;
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    throw new McpError('unauthorized', 'The authorization server does not offer PKCE with S256');
  }
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) throw unsafe('is none');
  const url = new URL(endpoint);
  const isPlain = url.protocol === 'http:' && isPlainAllowed && isLoopbackUrl(url);
  if (url.protocol !== 'https:' && !isPlain) throw unsafe('is not https');
  if (url.username !== '' || url.password !== '') throw unsafe('holds a user name');
  url.hash = '';
  return url;
}

function unsafe(why: string): McpError {
  return new McpError('unauthorized', `The address of the login ${why}`);
}

/** Takes what the browser came back with. Rejects with McpError unless it answers this login. */
export async function finishLogin(
  login: StartedLogin,
  cameBack: URLSearchParams,
  client: KnownClient,
  road: ServerRoad,
): Promise<StoredTokens> {
  const { issuer, redirectUrl, verifier, scopes, resource, clientId } = login;
  if (road.clock.now() - login.startedAt > road.limits.loginMs) {
    throw new McpError('unauthorized', 'The login took too long: begin it again');
  }
  const dpop = login.dpopKey === undefined ? undefined : await dpopKey(login.dpopKey);
  const checked = await checkAnswer(login, cameBack);
  const additionalParameters = { resource };
  const said = await askForTokens(
    { ...road, issuer, metadata: login.metadata, resource },
    client,
    {
      send: (library, { as, client: who, auth, options }) =>
        library.authorizationCodeGrantRequest(as, who, auth, checked, redirectUrl, verifier, {
          ...options,
          additionalParameters,
        }),
      read: (library, { as, client: who }, response) =>
        library.processAuthorizationCodeResponse(as, who, response),
    },
    dpop,
  );
  return tokensOf(said, { ...road, issuer, resource }, { clientId, scopes, dpop });
}

/** Rejects what says that it is from another one, and leaves the login as it is (RFC 9207). */
export function checkIssuer(login: StartedLogin, given: URLSearchParams): void {
  // An empty one is one, too.
  if (given.getAll('iss').every((iss) => iss === login.issuer)) return;
  throw new McpError('unauthorized', 'The login was answered by another authorization server');
}

/** Who answers is checked before anything that the answer says (RFC 9207). */
async function checkAnswer(login: StartedLogin, given: URLSearchParams): Promise<URLSearchParams> {
  const library = await import('oauth4webapi');
  const as = login.metadata as unknown as AuthorizationServer;
  checkIssuer(login, given);
  try {
    return library.validateAuthResponse(as, { client_id: login.clientId }, given, login.state);
  } catch (thrown) {
    if (!(thrown instanceof library.AuthorizationResponseError)) throw refusalOf(library, thrown);
    const code = errorCode(thrown.error) ?? 'an error';
    const data = { error: code };
    throw new McpError('unauthorized', `The login did not succeed: ${code}`, { data });
  }
}

/** What was kept of a login; undefined for anything else. */
export function loginFromJson(json: JsonObject | undefined): StartedLogin | undefined {
  const { state, verifier, issuer, resource, redirectUrl, clientId, metadata } = json ?? {};
  const words = [state, verifier, issuer, resource, redirectUrl, clientId];
  if (!words.every((word) => typeof word === 'string') || !isJsonObject(metadata)) return undefined;
  if (typeof json?.['startedAt'] !== 'number') return undefined;
  return json as unknown as StartedLogin;
}
