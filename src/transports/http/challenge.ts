import { isScope } from '../../authorization.js';
import type { McpError } from '../../errors.js';
import { type WireBody, type WireHeaders, type WireReply, WrappedReply } from './wire.js';

const header = 'www-authenticate';

/** What WWW-Authenticate says of an error (RFC 6750, section 3). Undefined for all others. */
export function challengeOf({ kind, data }: McpError): string | undefined {
  const said = (data ?? {}) as { readonly error?: unknown; readonly requiredScopes?: unknown };
  if (kind === 'unauthorized') {
    return said.error === 'invalid_token' ? 'Bearer error="invalid_token"' : 'Bearer';
  }
  if (kind !== 'insufficientScope') return undefined;
  const scopes = Array.isArray(said.requiredScopes) ? said.requiredScopes.filter(isScope) : [];
  return `Bearer error="insufficient_scope"${scopeParam(scopes)}`;
}

/** How a challenge names the scopes that would do; empty for none. */
export function scopeParam(scopes: readonly string[]): string {
  return scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
}

/** Adds to challenges what all of a server have in common, such as where its metadata is. */
export class ChallengingReply extends WrappedReply {
  readonly #common: (status: number) => string;

  constructor(wire: WireReply, common: (status: number) => string) {
    super(wire);
    this.#common = common;
  }

  override send(status: number, headers: WireHeaders, body?: WireBody): void {
    const challenge = headers[header];
    if (challenge === undefined) return super.send(status, headers, body);
    const all = `${challenge}${this.#common(status)}`;
    // The first parameter stands behind a space, the others behind commas.
    super.send(status, { ...headers, [header]: all.replace(/^Bearer, /, 'Bearer ') }, body);
  }
}
