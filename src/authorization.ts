/** What the edge of a server and whoever verifies tokens for it agree on. */

/** Tells who is calling. Rejects with McpError `unauthorized`, or `forbidden`. */
export type Verify = (token: string, about: TokenContext) => Verified | Promise<Verified>;

/** What is known of a request beside its token. */
export interface TokenContext {
  /** The address of this server as its tokens name it: what `audience` must hold (RFC 8707). */
  readonly resource: string;
  /** The client's own, also behind trusted proxies. */
  readonly remoteAddress: string | undefined;
  /** The time, in Unix ms. */
  readonly now: number;
}

/** What a token says, after it was verified. Nothing but these members gets to a handler. */
export interface Verified {
  /** Who is calling: stable, and unique among all who may. */
  readonly id: string;
  /** For whom the token was made. The request is refused unless `resource` is among them. */
  readonly audience: string | readonly string[];
  /** When it ends, in Unix ms. Streams end with it. Infinity has to be said. */
  readonly expiresAt: number;
  /** What the caller may do. Default: nothing that needs a scope. */
  readonly scopes?: readonly string[];
}

/** Who may call a server, and where clients get their tokens. */
export interface Auth {
  readonly verify: Verify;
  /**
   * How often the tokens of open streams are verified again, in ms, where one may be taken back
   * before its end. A stream whose token is refused ends. Default: never.
   */
  readonly recheckMs?: number;
  /** The authorization servers whose tokens are taken, for the metadata (RFC 9728). */
  readonly issuers?: readonly string[];
  /**
   * Scopes that clients ask for at first: as few as are of use. They ask for others when they are
   * refused for lack of them.
   */
  readonly scopes?: readonly string[];
}

/** RFC 6749, section 3.3: no spaces, quotes and backslashes, so that it fits into a header. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

export function isScope(text: unknown): text is string {
  return typeof text === 'string' && scopeToken.test(text);
}

/** Throws a TypeError for what no token could name. */
export function refuseScopes(scopes: readonly string[], what: string): void {
  const bad = scopes.find((scope) => !isScope(scope));
  if (bad === undefined) return;
  throw new TypeError(`${what}: ${JSON.stringify(bad)} is no scope; it has no spaces and quotes`);
}
