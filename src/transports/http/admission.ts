import type { Auth, Verified } from '../../authorization.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Head } from './head.js';
import { putLease } from './lease.js';
import type { Caller, Proxies } from './proxies.js';
import type { Rates } from './rates.js';
import type { WireRequest } from './wire.js';

/** Who may come in, and how often. */
export interface Admission {
  /**
   * Who is calling. Rejects with McpError `unauthorized`, `forbidden` or `tooManyRequests`. Takes
   * the credentials out of `head`: nobody behind this door can see them, or hand them on.
   */
  admit(request: WireRequest, head: Head): Principal | Promise<Principal>;
  /** Counts a request that is answered to everybody, whoever they are. */
  admitStranger(request: WireRequest): void | Promise<void>;
  /** Counts `count` more requests of somebody who was let in with the first of a batch. */
  admitMore(principal: Principal, count: number): void | Promise<void>;
  /** Counts a handshake of somebody who was let in. */
  admitSession(principal: Principal): void | Promise<void>;
}

export interface AdmissionOptions {
  /** Without it everybody is the same anonymous principal. */
  readonly auth: Auth | undefined;
  /** Without them everybody may come as often as they like. */
  readonly rates: Rates | undefined;
  readonly proxies: Proxies;
  /** Told once what the owner of the server should know. */
  readonly report: (error: McpError) => void;
  /** The address of this server as tokens name it. */
  readonly resourceOf: (head: Head) => string | undefined;
  readonly limits: Limits;
  readonly clock: Clock;
}

const anonymous: Principal = Object.freeze({ id: 'anonymous', anonymous: true });

export function createAdmission(options: AdmissionOptions): Admission {
  const { auth, rates, proxies, report } = options;
  let wasTold = false;
  const callerOf = ({ remoteAddress, rawHeaders }: WireRequest): Caller => {
    const caller = proxies.callerOf(remoteAddress, rawHeaders);
    if (caller.isUntold && !wasTold) {
      wasTold = true;
      report(untold(caller));
    }
    return caller;
  };
  return {
    admit(request, head) {
      const { authorization } = head;
      head.authorization = undefined;
      if (auth !== undefined) {
        return admit(auth, authorization, head, callerOf(request), options);
      }
      if (rates === undefined) return anonymous;
      const { key } = callerOf(request);
      return rates.stranger(key).then(() => strangerAt(key));
    },
    admitStranger: (request) => rates?.stranger(callerOf(request).key),
    admitMore: (principal, count) => rates?.request(principal, count),
    admitSession: (principal) => rates?.session(principal),
  };
}

function strangerAt(key: string | undefined): Principal {
  return key === undefined ? anonymous : { ...anonymous, countedAs: key };
}

function untold({ remoteAddress = 'A proxy', key }: Caller): McpError {
  const outcome =
    key === undefined
      ? 'the limits on strangers and on guesses of tokens do not hold for such requests'
      : 'such requests are counted as those of one caller';
  return new McpError(
    'internal',
    `${remoteAddress} is one of trustedProxies, and brought a request without saying in ` +
      `X-Forwarded-For for whom: ${outcome}`,
  );
}

async function admit(
  auth: Auth,
  authorization: string | undefined,
  head: Head,
  caller: Caller,
  options: AdmissionOptions,
): Promise<Principal> {
  const { rates } = options;
  // Who shows nothing guesses nothing: clients ask without a token to learn where to get one.
  if (authorization === undefined) {
    await rates?.stranger(caller.key);
    throw new McpError('unauthorized', 'Authentication is required');
  }
  const verify = (): Promise<Principal> => verified(auth, authorization, head, caller, options);
  if (rates === undefined) return verify();
  const principal = await rates.attempt(caller.key, verify);
  await rates.request(principal);
  return principal;
}

async function verified(
  { verify, recheckMs }: Auth,
  authorization: string,
  head: Head,
  { remoteAddress }: Caller,
  { resourceOf, limits, clock }: AdmissionOptions,
): Promise<Principal> {
  try {
    const token = bearerToken(authorization, limits.tokenBytesMax);
    const resource = resourceOf(head);
    if (resource === undefined) throw refused(`${head.host} is no address of this server`);
    const look = async (now: number): Promise<Principal> =>
      principalOf(await verify(token, { resource, remoteAddress, now }), resource, now);
    const who = await look(clock.now());
    if (recheckMs !== undefined) {
      const isGood = (): Promise<boolean> => isAsGood(who, () => look(clock.now()));
      putLease(who, { everyMs: recheckMs, isGood });
    }
    return who;
  } catch (thrown) {
    const error = McpError.from(thrown);
    if (error.kind !== 'unauthorized') throw thrown;
    // What a verifier throws without a thought would send clients away without telling them why.
    const data = { error: 'invalid_token' };
    throw new McpError('unauthorized', error.message, { cause: error.cause, data });
  }
}

/** A token of which nobody can tell just now is taken for what it was. */
async function isAsGood(before: Principal, look: () => Promise<Principal>): Promise<boolean> {
  try {
    const { id, scopes } = await look();
    return id === before.id && before.scopes?.every((scope) => scopes?.includes(scope)) === true;
  } catch (thrown) {
    const { kind } = McpError.from(thrown);
    return kind !== 'unauthorized' && kind !== 'forbidden';
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
