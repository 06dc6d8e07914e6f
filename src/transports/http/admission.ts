import type { Auth, Verified } from '../../authorization.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Head } from './head.js';
import type { Rates } from './rates.js';
import type { WireRequest } from './wire.js';

/** Who may come in, and how often. */
export interface Admission {
  /**
   * Who is calling. Rejects with McpError `unauthorized`, `forbidden` or `tooManyRequests`. Takes
   * the credentials out of `head`: nobody behind this door can see them, or hand them on.
   */
  admit(request: WireRequest, head: Head): Principal | Promise<Principal>;
  /** Counts a handshake of somebody who was let in. */
  admitSession(principal: Principal, request: WireRequest): void | Promise<void>;
}

export interface AdmissionOptions {
  /** Without it everybody is the same anonymous principal. */
  readonly auth: Auth | undefined;
  /** Without them everybody may come as often as they like. */
  readonly rates: Rates | undefined;
  /** The address of this server as tokens name it. */
  readonly resourceOf: (head: Head) => string;
  readonly limits: Limits;
  readonly clock: Clock;
}

const anonymous: Principal = Object.freeze({ id: 'anonymous', anonymous: true });

export function createAdmission(options: AdmissionOptions): Admission {
  const { auth, rates } = options;
  return {
    admit(request, head) {
      const { authorization } = head;
      head.authorization = undefined;
      const { remoteAddress } = request;
      if (auth !== undefined) return admit(auth, authorization, head, remoteAddress, options);
      if (rates === undefined) return anonymous;
      return rates.stranger(remoteAddress).then(() => anonymous);
    },
    admitSession: (principal, { remoteAddress }) => rates?.session(principal, remoteAddress),
  };
}

async function admit(
  { verify }: Auth,
  authorization: string | undefined,
  head: Head,
  remoteAddress: string | undefined,
  { rates, resourceOf, limits, clock }: AdmissionOptions,
): Promise<Principal> {
  // Who shows nothing guesses nothing: clients ask without a token to learn where to get one.
  if (authorization === undefined) {
    await rates?.stranger(remoteAddress);
    throw new McpError('unauthorized', 'Authentication is required');
  }
  await rates?.mayTry(remoteAddress);
  try {
    const token = bearerToken(authorization, limits.tokenBytesMax);
    const now = clock.now();
    const resource = resourceOf(head);
    const verified = await verify(token, { resource, remoteAddress, now });
    const principal = principalOf(verified, resource, now);
    await rates?.request(principal);
    return principal;
  } catch (thrown) {
    const error = McpError.from(thrown);
    if (error.kind !== 'unauthorized') throw thrown;
    await rates?.failed(remoteAddress);
    // What a verifier throws without a thought would send clients away without telling them why.
    const data = { error: 'invalid_token' };
    throw new McpError('unauthorized', error.message, { cause: error.cause, data });
  }
}

/** RFC 6750, section 2.1. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

function bearerToken(authorization: string, bytesMax: number): string {
  const token = authorization.length > bytesMax + 16 ? undefined : bearer.exec(authorization)?.[1];
  if (token !== undefined && token.length <= bytesMax) return token;
  throw refused('Authorization is no Bearer token, or too long');
}

/** Fails closed: a hook that says less than everything has not verified anybody. */
function principalOf(verified: Verified, resource: string, now: number): Principal {
  const { id, audience, expiresAt, scopes = [] } = (verified ?? {}) as Partial<Verified>;
  if (typeof id !== 'string' || id === '') throw refused('verify named nobody');
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (!audiences.some((one) => isSame(one, resource))) {
    throw refused(`The token is for ${shown(audiences)}, not for ${resource}`);
  }
  if (typeof expiresAt !== 'number' || !(expiresAt > now)) {
    throw refused('The token has expired, or verify did not say when it does');
  }
  const granted = Object.freeze(scopes.filter((scope) => typeof scope === 'string'));
  if (expiresAt === Infinity) return Object.freeze({ id, scopes: granted });
  return Object.freeze({ id, scopes: granted, expiresAt });
}

/** One freedom is left: an address without a path may be written with its slash. */
function isSame(audience: unknown, resource: string): boolean {
  return audience === resource || (audience === `${resource}/` && !hasPath(resource));
}

function hasPath(resource: string): boolean {
  return new URL(resource).pathname !== '/';
}

function shown(audiences: readonly unknown[]): string {
  return JSON.stringify(audiences).slice(0, 200);
}

// The peer is told one sentence for every reason; the log is told which.
function refused(cause: string): McpError {
  return new McpError('unauthorized', 'The token is not valid here', { cause });
}
