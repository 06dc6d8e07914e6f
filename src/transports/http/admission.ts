import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import type { Head } from './head.js';
import type { Rates } from './rates.js';
import type { WireRequest } from './wire.js';

/** What a request shows of who sent it. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The client's own, also behind trusted proxies. */
  readonly remoteAddress: string | undefined;
}

/** Tells who is calling, or throws McpError `unauthorized` or `forbidden`. */
export type Verify = (credentials: Credentials) => Principal | Promise<Principal>;

/** Who may come in, and how often. */
export interface Admission {
  /** Who is calling. Rejects with McpError `unauthorized`, `forbidden` or `tooManyRequests`. */
  admit(request: WireRequest, head: Head): Principal | Promise<Principal>;
  /** Counts a handshake of somebody who was let in. */
  admitSession(principal: Principal, request: WireRequest): void | Promise<void>;
}

const anonymous: Principal = Object.freeze({ id: 'anonymous', anonymous: true });

/** Without `rates` everybody may come as often as they like. */
export function createAdmission(verify: Verify | undefined, rates: Rates | undefined): Admission {
  return {
    admit(request, head) {
      if (verify === undefined && rates === undefined) return anonymous;
      return admit(verify, rates, head.authorization, request.remoteAddress);
    },
    admitSession: (principal, { remoteAddress }) => rates?.session(principal, remoteAddress),
  };
}

async function admit(
  verify: Verify | undefined,
  rates: Rates | undefined,
  authorization: string | undefined,
  remoteAddress: string | undefined,
): Promise<Principal> {
  if (verify === undefined || authorization === undefined) await rates?.stranger(remoteAddress);
  if (verify === undefined) return anonymous;
  if (authorization !== undefined) await rates?.mayTry(remoteAddress);
  try {
    const principal = await verify({ authorization, remoteAddress });
    // Fail closed: a hook that returns nothing has not verified anybody.
    if (typeof principal?.id !== 'string' || principal.id === '') {
      throw new McpError('unauthorized', 'Authentication is required');
    }
    await rates?.request(principal);
    return principal;
  } catch (thrown) {
    const { kind } = McpError.from(thrown);
    // Who shows nothing guesses nothing: clients ask without a token to learn where to get one.
    if (authorization !== undefined && kind === 'unauthorized') await rates?.failed(remoteAddress);
    throw thrown;
  }
}
