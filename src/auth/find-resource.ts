import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { fetchMetadata, type FindOptions, findIssuer, isTrouble } from './find-issuer.js';
import type { Challenge } from './read-challenge.js';

/** Where a server has its tokens from. */
export interface Place {
  /** How the server is named in tokens (RFC 8707): as it is published, byte for byte. */
  readonly resource: string;
  readonly issuer: string;
  /** The metadata of the authorization server. */
  readonly metadata: JsonObject;
  /** The scopes that the server has any use for. */
  readonly scopes: readonly string[] | undefined;
}

export interface PlaceOptions extends FindOptions {
  /** The only authorization server that will do, where the user named one. */
  readonly issuer: string | undefined;
  /** One that is preferred among several. */
  readonly known: string | undefined;
}

/** Follows a refusal to the authorization server (RFC 9728). Rejects with McpError. */
export async function findPlace(
  server: string,
  challenge: Challenge,
  options: PlaceOptions,
): Promise<Place> {
  const published = await findResource(server, challenge, options);
  if (published === undefined) return assumedPlace(server, options);
  const { resource, issuers, scopes } = published;
  const { issuer: wanted, known } = options;
  if (wanted !== undefined && !issuers.includes(wanted)) {
    throw new McpError('unauthorized', `The server takes no tokens of ${wanted}`);
  }
  const first = known !== undefined && issuers.includes(known) ? [known] : [];
  const order = wanted === undefined ? [...new Set([...first, ...issuers])] : [wanted];
  const found = await firstIssuer(order, options);
  return { resource, scopes, ...found };
}

/** With several to choose from, one that does not answer need not be the end. */
async function firstIssuer(
  issuers: readonly string[],
  options: FindOptions,
): Promise<Pick<Place, 'issuer' | 'metadata'>> {
  let failure: unknown;
  for (const issuer of issuers.slice(0, options.limits.issuersMax)) {
    try {
      return { issuer, metadata: await findIssuer(issuer, options) };
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  throw McpError.from(failure);
}

interface Published {
  readonly resource: string;
  readonly issuers: readonly string[];
  readonly scopes: readonly string[] | undefined;
}

async function findResource(
  server: string,
  { resourceMetadata }: Challenge,
  options: FindOptions,
): Promise<Published | undefined> {
  for (const url of placesOf(server, resourceMetadata)) {
    const response = await fetchMetadata(url, options);
    const metadata: unknown = response.ok
      ? await response.json().catch(() => undefined)
      : undefined;
    if (isJsonObject(metadata)) return readResource(server, metadata);
    // What the server itself named must be there; elsewhere an answer may be that there is none.
    if (url === resourceMetadata || isTrouble(response.status)) {
      throw new McpError(
        'unauthorized',
        `The metadata of the server cannot be had: status ${response.status}`,
      );
    }
  }
  return undefined;
}

/** What the refusal names first, then the well-known places: of the path, and of the root. */
function placesOf(server: string, named: string | undefined): readonly string[] {
  const { origin, pathname, search } = new URL(server);
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname === '/' ? '' : pathname;
  const all = [`${wellKnown}${path}${search}`, `${wellKnown}${path}`, wellKnown];
  if (named !== undefined) {
    if (!URL.canParse(named) || new URL(named).origin !== origin) {
      throw new McpError('unauthorized', 'The server keeps its metadata at another origin');
    }
    all.unshift(named);
  }
  return [...new Set(all)];
}

function readResource(server: string, metadata: JsonObject): Published {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = metadata;
  if (typeof resource !== 'string' || !isPartOf(server, resource)) {
    throw new McpError('unauthorized', 'The metadata of the server is that of another one');
  }
  const issuers = Array.isArray(servers) ? servers.filter(isIssuer) : [];
  if (issuers.length === 0) {
    throw new McpError('unauthorized', 'The server names no authorization server');
  }
  return { resource, issuers, scopes: stringsIn(scopes) };
}

/** A token for a server may be used at what lies below its address, but nowhere else. */
function isPartOf(server: string, resource: string): boolean {
  if (!URL.canParse(resource)) return false;
  const [ours, theirs] = [new URL(server), new URL(resource)];
  if (ours.origin !== theirs.origin || theirs.hash !== '') return false;
  const folder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
  const isBelow = folder(ours.pathname).startsWith(folder(theirs.pathname));
  return isBelow && (theirs.search === '' || theirs.search === ours.search);
}

/** RFC 8414, section 2: neither query nor fragment. */
function isIssuer(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  return !/[?#]/.test(value) && /^https?:$/.test(new URL(value).protocol);
}

function stringsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((one): one is string => typeof one === 'string');
}

/** Before there was metadata of servers, they were their own authorization servers. */
async function assumedPlace(server: string, options: PlaceOptions): Promise<Place> {
  const { origin, href } = new URL(server);
  const { issuer: wanted = origin } = options;
  const resource = href.replace(/#.*$/, '');
  const found = await findIssuer(wanted, options).catch((thrown: unknown) => {
    if (wanted !== origin || !isAbsent(thrown)) throw thrown;
    return undefined;
  });
  const metadata = found ?? {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    code_challenge_methods_supported: ['S256'],
  };
  return { resource, issuer: wanted, metadata, scopes: undefined };
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof McpError && thrown.kind === 'badResponse' && thrown.data === 'absent';
}
