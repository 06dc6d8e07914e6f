import { type Auth, refuseScopes } from '../../authorization.js';
import { McpError } from '../../errors.js';
import { ChallengingReply, scopeParam } from './challenge.js';
import type { Head } from './head.js';
import { jsonHeaders } from './reply-headers.js';
import type { WireReply } from './wire.js';

/** What an endpoint with `auth` says of itself: RFC 9728, and the challenges that point to it. */
export interface ResourceServer {
  /** Where its metadata is; nowhere when no issuer is named. */
  readonly metadataPaths: ReadonlySet<string>;
  sendMetadata(head: Head, wire: WireReply): void;
  /** The reply with whole challenges. */
  challenging(wire: WireReply, head: Head): WireReply;
  /**
   * The address by which this server is known, and which tokens must name. Undefined for a request
   * to a name that is not its own: whoever asks has no say in what a token must name.
   */
  resourceOf(head: Head): string | undefined;
}

export interface ResourceServerOptions {
  readonly auth: Auth | undefined;
  readonly publicUrl: string | undefined;
  readonly path: string;
  readonly ownOrigins: () => readonly string[];
}

const wellKnown = '/.well-known/oauth-protected-resource';

export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const { auth, publicUrl, path, ownOrigins } = options;
  const { issuers = [], scopes = [] } = auth ?? {};
  refuseScopes(scopes, 'auth.scopes');
  for (const issuer of issuers) refuseIssuer(issuer);
  const known = publicUrl === undefined ? undefined : canonical(new URL(publicUrl));
  const resourceOf = (head: Head): string | undefined => {
    const origin = known === undefined ? originOf(head, ownOrigins()) : undefined;
    return known ?? (origin === undefined ? undefined : `${origin}${path}`);
  };
  const suffixes = [path, ...(known === undefined ? [] : [pathOf(known)])];
  const paths = issuers.length === 0 ? [] : ['', ...suffixes].map((end) => wellKnown + end);

  return {
    metadataPaths: new Set(paths),
    resourceOf,
    sendMetadata(head, wire) {
      const resource = resourceOf(head);
      if (resource === undefined) throw new McpError('notFound', 'No resource has this address');
      const metadata = {
        resource,
        authorization_servers: issuers,
        ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
        bearer_methods_supported: ['header'],
      };
      wire.send(200, jsonHeaders, JSON.stringify(metadata));
    },
    challenging(wire, head) {
      if (auth === undefined) return wire;
      return new ChallengingReply(wire, (status) => {
        const resource = issuers.length === 0 ? undefined : resourceOf(head);
        const pointer =
          resource === undefined ? '' : `, resource_metadata="${metadataOf(resource)}"`;
        // What is missing for this very request was said already.
        return `${pointer}${status === 401 ? scopeParam(scopes) : ''}`;
      });
    },
  };
}

/** MCP, "Canonical server URI": no fragment, and no slash where there is no path. */
function canonical(url: URL): string {
  const { origin, search } = url;
  return `${origin}${pathOf(url.href)}${search}`;
}

function pathOf(resource: string): string {
  const { pathname } = new URL(resource);
  return pathname === '/' ? '' : pathname;
}

function metadataOf(resource: string): string {
  return `${new URL(resource).origin}${wellKnown}${pathOf(resource)}`;
}

/** The guard of Host lets any port of this machine through: not each is where this server is. */
function originOf({ host = '' }: Head, own: readonly string[]): string | undefined {
  const lower = host.toLowerCase();
  return own.find((one) => one.slice(one.indexOf('://') + 3) === lower);
}

function refuseIssuer(issuer: string): void {
  // RFC 8414, section 2; a fragment or a query in one would make two of it.
  if (/^https?:\/\/[^?#\s"\\]+$/.test(issuer) && URL.canParse(issuer)) return;
  throw new TypeError(`"${issuer}" is no issuer; write it whole, like https://login.example`);
}
