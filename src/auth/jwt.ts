import type * as Jose from 'jose';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import type { Auth, TokenContext, Verified } from '../authorization.js';
import { McpError } from '../errors.js';
import { type Limits, resolveLimits } from '../limits.js';
import { findIssuer } from './find-issuer.js';
import { guardedFetch, type GuardedFetch, type NetworkOptions } from './guarded-fetch.js';
import { createKeySet } from './key-set.js';
import { refuseOddJwt } from './read-jwt.js';
import { refuseToken } from './refuse-token.js';

export type JwtAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export interface JwtOptions extends NetworkOptions {
  /** Whose tokens are taken: compared as it stands here. */
  readonly issuer: string;
  /**
   * What `aud` must hold instead of the address of this server, for an authorization server that
   * knows it under a name of its own.
   */
  readonly audience?: string;
  /** Where the issuer's keys are. Default: where its metadata says. */
  readonly jwksUri?: string;
  /** Default: all four. */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Scopes that clients ask for at first; the rest they ask for when they need it. */
  readonly scopes?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Fetches metadata and keys in place of the guarded fetch of this package. */
  readonly fetch?: GuardedFetch;
}

const allAlgorithms: readonly JwtAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/**
 * Access tokens that an authorization server signs (RFC 9068). Only its own keys count, of whatever
 * kind they are; a token must be for this server, and end.
 */
export function jwt(options: JwtOptions): Auth {
  const { issuer, scopes } = options;
  const limits = resolveLimits(options.limits);
  const rules = {
    algorithms: [...readAlgorithms(options.algorithms)],
    issuer,
    clockTolerance: limits.tokenSkewMs / 1000,
    requiredClaims: ['exp', 'sub'],
  };
  const fetch = guardedFetch(options);
  const url = async (): Promise<string> =>
    options.jwksUri ?? jwksUriIn(await findIssuer(issuer, { fetch, limits }));
  const keySet = createKeySet({ url, fetch, limits });
  return {
    issuers: [issuer],
    ...(scopes === undefined ? {} : { scopes }),
    async verify(token, about) {
      refuseOddJwt(token);
      const keys = await keySet.keys(about.now);
      const audience = options.audience ?? about.resource;
      const checks = { ...rules, audience, currentDate: new Date(about.now) };
      let payload = await check(token, keys, checks, limits);
      if (payload === undefined) {
        // The issuer may have a new key since: it is asked, but not for every made-up name of one.
        const newer = await keySet.newer(about.now);
        payload = newer === undefined ? undefined : await check(token, newer, checks, limits);
      }
      if (payload === undefined) throw refuseToken('None of the keys of its issuer fits');
      return verifiedOf(payload, about, issuer, limits);
    },
  };
}

/** Asked for once: an import takes longer than the check of a token. */
let jose: Promise<typeof Jose> | undefined;

/** Undefined when none of the keys signed it: one that is not here yet may have. */
async function check(
  token: string,
  keys: JWTVerifyGetKey,
  wanted: JWTVerifyOptions,
  { unnamedKeysMax }: Limits,
): Promise<JWTPayload | undefined> {
  const { errors, jwtVerify } = await (jose ??= import('jose'));
  const by = async (key: JWTVerifyGetKey | CryptoKey): Promise<JWTPayload | undefined> => {
    try {
      const verify = typeof key === 'function' ? jwtVerify(token, key, wanted) : undefined;
      return (await (verify ?? jwtVerify(token, key as CryptoKey, wanted))).payload;
    } catch (thrown) {
      if (thrown instanceof errors.JWSSignatureVerificationFailed) return undefined;
      throw thrown;
    }
  };
  try {
    return await by(keys).catch(async (thrown: unknown) => {
      if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) throw thrown;
      // The token names none; each costs a check that whoever made the token up can ask for.
      let left = unnamedKeysMax;
      for await (const key of thrown) {
        const payload = await by(key);
        if (payload !== undefined || --left === 0) return payload;
      }
      return undefined;
    });
  } catch (thrown) {
    if (thrown instanceof errors.JWKSNoMatchingKey) return undefined;
    // Errors of this library hold the claims, which are nothing for a log.
    throw refuseToken(thrown instanceof errors.JOSEError ? thrown.message : 'It cannot be checked');
  }
}

function verifiedOf(
  { sub, exp, iat, iss, scope, scp }: JWTPayload,
  { now, resource }: TokenContext,
  issuer: string,
  { tokenSkewMs }: Limits,
): Verified {
  // An array or a number in their place would compare equal to its text somewhere.
  if (typeof sub !== 'string' || sub === '' || iss !== issuer) throw refuseToken('sub is no name');
  if (typeof exp !== 'number' || exp > secondsMax) throw refuseToken('exp is no time');
  if (typeof iat === 'number' && iat * 1000 > now + tokenSkewMs) {
    throw refuseToken('It was issued in the future');
  }
  return {
    // An issuer has no fragment (RFC 8414), so that no two of them make the same name.
    id: `${issuer}#${sub}`,
    audience: resource,
    expiresAt: exp * 1000 + tokenSkewMs,
    scopes: scopesIn(scope ?? scp),
  };
}

/** Beyond it a Date is none. */
const secondsMax = 8.64e12;

/** A list in a string (RFC 8693), or in an array, as some write it. */
function scopesIn(said: unknown): readonly string[] {
  if (typeof said === 'string') return said.split(' ').filter((scope) => scope !== '');
  if (!Array.isArray(said)) return [];
  return said.filter((scope): scope is string => typeof scope === 'string');
}

function readAlgorithms(given: readonly JwtAlgorithm[] = allAlgorithms): readonly JwtAlgorithm[] {
  const bad = given.find((one) => !allAlgorithms.includes(one));
  if (bad === undefined && given.length > 0) return given;
  throw new TypeError(`jwt: algorithms are some of ${allAlgorithms.join(', ')}`);
}

function jwksUriIn({ jwks_uri: uri }: { readonly [member: string]: unknown }): string {
  if (typeof uri === 'string') return uri;
  throw new McpError('badResponse', 'The metadata of the issuer names no keys');
}
