/** Requests to a token endpoint, by oauth4webapi, over the guarded fetch. */
import type * as library from 'oauth4webapi';
import type { AuthorizationServer, Client, ClientAuth, TokenEndpointResponse } from 'oauth4webapi';
import { McpError } from '../errors.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { DpopKey } from './dpop.js';
import type { GuardedFetch } from './guarded-fetch.js';
import type { StoredTokens } from './stored-tokens.js';

export type OAuthLibrary = typeof library;

/** The way to one authorization server. */
export interface ServerRoad {
  readonly fetch: GuardedFetch;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly issuer: string;
  readonly metadata: JsonObject;
  readonly resource: string;
}

/** Who this client is to one authorization server. */
export interface KnownClient {
  readonly clientId: string;
  readonly auth: ClientAuth;
}

export interface TokenCall {
  readonly as: AuthorizationServer;
  readonly client: Client;
  readonly auth: ClientAuth;
  readonly options: RequestOptions;
}

export interface TokenRequest {
  send(library: OAuthLibrary, call: TokenCall): Promise<Response>;
  /** Default: as any answer with an access token. */
  read?(library: OAuthLibrary, call: TokenCall, response: Response): Promise<TokenEndpointResponse>;
}

/** Sends a request for tokens, once more where a DPoP nonce was missing. */
export async function askForTokens(
  road: ServerRoad,
  client: KnownClient,
  request: TokenRequest,
  dpop?: DpopKey,
): Promise<TokenEndpointResponse> {
  const library = await import('oauth4webapi');
  const call: TokenCall = {
    as: road.metadata as unknown as AuthorizationServer,
    client: { client_id: client.clientId },
    auth: client.auth,
    options: requestOptions(library, road, dpop),
  };
  const read = request.read ?? readAny;
  for (let isSecond = false; ; isSecond = true) {
    try {
      return await read(library, call, await request.send(library, call));
    } catch (thrown) {
      if (isSecond || !library.isDPoPNonceError(thrown)) throw refusalOf(library, thrown);
    }
  }
}

function readAny(
  library: OAuthLibrary,
  { as, client }: TokenCall,
  response: Response,
): Promise<TokenEndpointResponse> {
  return library.processGenericTokenEndpointResponse(as, client, response);
}

/** The guarded fetch knows better than the library which servers may be asked without TLS. */
export function requestOptions(
  library: OAuthLibrary,
  road: ServerRoad,
  dpop?: DpopKey,
): RequestOptions {
  const { discoveryBytesMax: bytesMax, discoveryMs: timeoutMs } = road.limits;
  const send = (url: string, parts: FetchParts): Promise<Response> => {
    const { method, headers, body } = parts;
    const about = { bytesMax, timeoutMs, method, headers };
    const text = body === undefined ? {} : { body: body.toString() };
    return road.fetch(url, { ...about, ...text });
  };
  return {
    [library.customFetch]: send,
    // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out
    [library.allowInsecureRequests]: true,
    ...(dpop === undefined ? {} : { DPoP: dpop.handle }),
  };
}

export interface RequestOptions extends library.DPoPRequestOptions {
  readonly [library.customFetch]: (url: string, parts: FetchParts) => Promise<Response>;
  // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out
  readonly [library.allowInsecureRequests]: boolean;
}

interface FetchParts {
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | URLSearchParams;
}

/** An error that names what the server said, but none of what was sent. */
export function refusalOf(library: OAuthLibrary, thrown: unknown): McpError {
  if (thrown instanceof McpError) return thrown;
  if (thrown instanceof library.ResponseBodyError) {
    const code = errorCode(thrown.error) ?? 'an error';
    const text = `The authorization server refused: ${code}`;
    return new McpError('unauthorized', text, { data: { error: code } });
  }
  // RFC 6749, section 5.2: that status is for a client that is not known.
  if (thrown instanceof library.WWWAuthenticateChallengeError && thrown.status === 401) {
    const data = { error: 'invalid_client' };
    return new McpError('unauthorized', 'The authorization server refused this client', { data });
  }
  const why = thrown instanceof Error ? thrown.message : 'its answer cannot be read';
  return new McpError('unauthorized', `The authorization server cannot be used: ${why}`);
}

/** What a server calls an error, where it is a short word that fits into a sentence. */
export function errorCode(said: unknown): string | undefined {
  return typeof said === 'string' && /^[\w.-]{1,64}$/.test(said) ? said : undefined;
}

/** The refresh token is used up, or was taken back. */
export function isGrantOver(thrown: unknown): boolean {
  const error = refusedFor(thrown);
  return error === 'invalid_grant' || error === 'invalid_client' || error === 'invalid_scope';
}

/** The authorization server does not know the client, or not any more. */
export function isClientUnknown(thrown: unknown): boolean {
  return refusedFor(thrown) === 'invalid_client';
}

function refusedFor(thrown: unknown): unknown {
  if (!(thrown instanceof McpError)) return undefined;
  return ((thrown.data ?? {}) as { readonly error?: unknown }).error;
}

/** What came, beside what is kept of before. */
export function tokensOf(
  said: TokenEndpointResponse,
  road: ServerRoad,
  asked: {
    readonly clientId: string;
    readonly scopes: readonly string[];
    readonly refreshToken?: string | undefined;
    readonly dpop?: DpopKey | undefined;
  },
): StoredTokens {
  const { access_token: accessToken, expires_in: seconds, refresh_token: refreshToken } = said;
  const { issuer, resource, clock } = road;
  // It goes into a header as it is.
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new McpError('badResponse', 'The authorization server gave a token that is none');
  }
  const isDpop = said.token_type === 'dpop';
  if (asked.dpop !== undefined && !isDpop) {
    throw new McpError(
      'unauthorized',
      'The authorization server did not bind the token to its key',
    );
  }
  if (isDpop && asked.dpop === undefined) {
    throw new McpError('unauthorized', 'The authorization server bound the token to no known key');
  }
  return {
    accessToken,
    isDpop,
    givenAt: clock.now(),
    expiresAt: seconds === undefined ? undefined : clock.now() + seconds * 1000,
    refreshToken: refreshToken ?? asked.refreshToken,
    // What is not said is as it was asked for (RFC 6749, section 5.1).
    scopes: said.scope === undefined ? asked.scopes : said.scope.split(' ').filter(Boolean),
    issuer,
    resource,
    clientId: asked.clientId,
    dpopKey: isDpop ? asked.dpop?.jwk : undefined,
  };
}

/** Uses a refresh token; the new one takes its place. Rejects with McpError. */
export async function renewTokens(
  road: ServerRoad,
  client: KnownClient,
  old: StoredTokens,
  dpop: DpopKey | undefined,
): Promise<StoredTokens> {
  const { refreshToken = '', scopes, clientId } = old;
  const additionalParameters = { resource: road.resource };
  const request: TokenRequest = {
    send: (library, { as, client: who, auth, options }) =>
      library.refreshTokenGrantRequest(as, who, auth, refreshToken, {
        ...options,
        additionalParameters,
      }),
    read: (library, { as, client: who }, response) =>
      library.processRefreshTokenResponse(as, who, response),
  };
  const said = await askForTokens(road, client, request, dpop);
  return tokensOf(said, road, { clientId, scopes, refreshToken, dpop });
}
