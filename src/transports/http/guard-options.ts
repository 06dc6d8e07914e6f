import type { Limits } from '../../limits.js';
import type { EndpointOptions } from './endpoint-options.js';
import { splitHost } from './guards/host.js';
import type { GuardOptions } from './guards/index.js';
import { messagePath, ssePath } from './http-sse.js';
import { type Proxies, readProxies } from './proxies.js';

export interface EdgeOptions extends GuardOptions {
  /** Origins whose pages may read answers. */
  readonly pageOrigins: readonly string[];
  readonly proxies: Proxies;
}

/** What the guards go by. Throws a RangeError for what looks like a name and is none. */
export function readGuardOptions(
  options: EndpointOptions,
  limits: Limits,
  ownOrigins: () => readonly string[],
): EdgeOptions {
  const url = options.publicUrl === undefined ? undefined : readUrl(options.publicUrl);
  const proxies = readProxies(options.trustedProxies ?? []);
  const isPrivate = options.auth === undefined && url === undefined;
  if (isPrivate && (options.trustedProxies ?? []).length > 0) throw namelessBehindProxies();
  const pageOrigins = (options.allowedOrigins ?? []).map(readOrigin);
  return {
    path: options.path ?? '/mcp',
    morePaths: options.httpSse === true ? [ssePath, messagePath] : [],
    allowedHosts: [
      ...(options.allowedHosts ?? []).map(readHost),
      ...(url === undefined ? [] : [url.host]),
    ],
    allowedOrigins: [...pageOrigins, ...(url === undefined ? [] : [url.origin])],
    pageOrigins,
    ownOrigins,
    asksFirst: pageOrigins.length > 0,
    isPrivate,
    proxies,
    bytesMax: limits.serverMessageBytesMax,
  };
}

function namelessBehindProxies(): RangeError {
  return new RangeError(
    'trustedProxies: a server behind a proxy needs auth, ' +
      'or the publicUrl at which everybody is welcome, like https://mcp.example/mcp',
  );
}

function readUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text);
  throw new RangeError(`publicUrl: "${text}" is no URL like https://mcp.example/mcp`);
}

function readHost(text: string): string {
  const lower = text.toLowerCase();
  if (splitHost(lower) !== undefined) return lower;
  throw new RangeError(
    `allowedHosts: "${text}" is no host; ` +
      'write each one whole, like mcp.example or mcp.example:8443',
  );
}

/** Extensions and editors have schemes of their own. */
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@*\s]+$/;
const ascii = /^[!-~]+$/;

function readOrigin(text: string): string {
  const lower = text.toLowerCase();
  if (origin.test(lower)) {
    const canonical = /^https?:/.test(lower) ? canonicalOrigin(lower) : lower;
    if (canonical === lower && ascii.test(lower)) return lower;
    if (canonical !== undefined && canonical !== lower) {
      throw new RangeError(`allowedOrigins: browsers write "${text}" as ${canonical}; so must you`);
    }
  }
  throw new RangeError(
    `allowedOrigins: "${text}" is no origin; write each one whole, like https://app.example`,
  );
}

/** As browsers send it: without the port of its scheme, and with its name in ASCII. */
function canonicalOrigin(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}
