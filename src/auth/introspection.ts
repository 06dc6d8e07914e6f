import type * as oauth from 'oauth4webapi';
import type { Auth, TokenContext, Verified } from '../authorization.js';
import { McpError } from '../errors.js';
import type { JsonObject } from '../json-rpc/message.js';
import { type Limits, resolveLimits } from '../limits.js';
import { digest } from '../platform/digest.js';
import { findIssuer } from './find-issuer.js';
import { guardedFetch, type GuardedFetch, type NetworkOptions } from './guarded-fetch.js';
import { cannotTell, refuseToken } from './refuse-token.js';

export interface IntrospectionOptions extends NetworkOptions {
  /** The authorization server. */
  readonly issuer: string;
  /** Where it answers about tokens. Default: where its metadata says. */
  readonly endpoint?: string;
  /** As whom this server asks. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** What `aud` must hold instead of the address of this server. */
  readonly audience?: string;
  /** Scopes that clients ask for at first; the rest they ask for when they need it. */
  readonly scopes?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Asks in place of the guarded fetch of this package. */
  readonly fetch?: GuardedFetch;
}

interface Known {
  readonly at: number;
  readonly answer: Promise<Verified>;
}

/**
 * Access tokens that only their authorization server can read (RFC 7662). It is asked once a minute
 * for each, so that one which is revoked is good for a minute at most.
 */
export function introspection(options: IntrospectionOptions): Auth {
  const { issuer, scopes } = options;
  const limits = resolveLimits(options.limits);
  const known = new Map<string, Known>();
  const ask = createAsk(options, limits);

  return {
    issuers: [issuer],
    recheckMs: limits.introspectionMs,
    ...(scopes === undefined ? {} : { scopes }),
    async verify(token, about) {
      // Tokens are not kept, only what they hash to.
      const key = `${about.resource} ${(await digest(token)) ?? ''}`;
      const kept = known.get(key);
      if (kept !== undefined && about.now - kept.at < limits.introspectionMs) return kept.answer;
      known.delete(key);
      const answer = ask(token, about);
      const oldest = known.size >= limits.introspectionsMax ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      const asked = { at: about.now, answer };
      known.set(key, asked);
      // Made-up tokens take no place, and a failing server is no answer.
      answer.catch(() => {
        if (known.get(key) === asked) known.delete(key);
      });
      return answer;
    },
  };
}

type Send = (
  url: string,
  init: oauth.CustomFetchOptions<'POST', URLSearchParams>,
) => Promise<Response>;
type Ask = (token: string, about: TokenContext) => Promise<Verified>;

function createAsk(options: IntrospectionOptions, limits: Limits): Ask {
  const { issuer, endpoint, clientId, clientSecret } = options;
  const { discoveryBytesMax: bytesMax, discoveryMs: timeoutMs } = limits;
  const fetch = guardedFetch(options);
  const client = { client_id: clientId };
  let server: Promise<oauth.AuthorizationServer> | undefined;
  const serverNow = (): Promise<oauth.AuthorizationServer> => {
    if (endpoint !== undefined)
      return Promise.resolve({ issuer, introspection_endpoint: endpoint });
    server ??= findIssuer(issuer, { fetch, limits }).then(
      (metadata) => metadata as unknown as oauth.AuthorizationServer,
    );
    server.catch(() => (server = undefined));
    return server;
  };
  const saidOf = async (token: string): Promise<oauth.IntrospectionResponse> => {
    const lib = await import('oauth4webapi');
    const as = await serverNow();
    const send: Send = (url, { method, headers, body }) =>
      fetch(url, { method, headers, body: body?.toString() ?? '', bytesMax, timeoutMs });
    const answer = await lib.introspectionRequest(
      as,
      client,
      lib.ClientSecretBasic(clientSecret),
      token,
      {
        additionalParameters: { token_type_hint: 'access_token' },
        [lib.customFetch]: send,
        // Which addresses may be asked, and how, is for the guarded fetch to say.
        // oxlint-disable-next-line typescript/no-deprecated
        [lib.allowInsecureRequests]: true,
      },
    );
    return lib.processIntrospectionResponse(as, client, answer);
  };
  return async (token, about) => {
    const said = await saidOf(token).catch((cause: unknown) => {
      throw cannotTell(withoutBody(cause));
    });
    return verifiedOf(said, options, about, limits);
  };
}

/** Errors of the library hold the response, and with it what was said of the token. */
function withoutBody(cause: unknown): unknown {
  if (cause instanceof McpError) return cause;
  return cause instanceof Error ? new Error(cause.message) : undefined;
}

function verifiedOf(
  said: oauth.IntrospectionResponse,
  { issuer, audience: own }: IntrospectionOptions,
  { now, resource }: TokenContext,
  { introspectionMs, tokenSkewMs }: Limits,
): Verified {
  const { active, iss, aud } = said;
  if (!active) throw refuseToken('Its authorization server does not know it, or not any more');
  if (iss !== undefined && iss !== issuer) throw refuseToken('It is of another issuer');
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(own ?? resource)) throw refuseToken('It is for another server');
  refuseOtherUse(said);
  const exp = timeIn(said, 'exp');
  const nbf = timeIn(said, 'nbf');
  if (nbf !== undefined && nbf > now + tokenSkewMs) throw refuseToken('It is not good yet');
  return {
    id: idOf(said, issuer),
    audience: resource,
    // Without a time of its own it holds until it is asked about again.
    expiresAt: exp === undefined ? now + introspectionMs : exp + tokenSkewMs,
    scopes: scopesIn(said),
  };
}

/** What is no access token, or none that a bearer may merely show. */
function refuseOtherUse({ token_type: type, token_use: use, cnf }: JsonObject): void {
  if (cnf !== undefined) throw refuseToken('It is bound to a key: no bearer shows that');
  if (!isOneOf(bearerTypes, type)) throw refuseToken('Its token_type is not that of a bearer');
  if (!isOneOf(bearerTypes, use)) throw refuseToken('Its token_use is not that of an access token');
}

/** The word of RFC 6750, and the one that some servers say in its place. */
const bearerTypes: readonly unknown[] = ['bearer', 'access_token', undefined];

function isOneOf(all: readonly unknown[], said: unknown): boolean {
  return all.includes(typeof said === 'string' ? said.toLowerCase() : said);
}

/** In Unix ms. What is said and is no time must not count as never. */
function timeIn(said: JsonObject, name: 'exp' | 'nbf'): number | undefined {
  const seconds = said[name];
  if (seconds === undefined) return undefined;
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds * 1000;
  throw refuseToken(`Its ${name} is no time`);
}

function scopesIn({ scope = '' }: JsonObject): readonly string[] {
  if (typeof scope !== 'string') throw refuseToken('Its scope is no string');
  return scope.split(' ').filter((one) => one !== '');
}

/** Whose token it is; or which client's, where it acts for itself. */
function idOf({ sub, client_id: client }: oauth.IntrospectionResponse, issuer: string): string {
  if (typeof sub === 'string' && sub !== '') return `${issuer}#${sub}`;
  if (typeof client === 'string' && client !== '') return `${issuer}?${client}`;
  throw refuseToken('Nobody is said to be its bearer');
}
