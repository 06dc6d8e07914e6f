import type { Limits } from '../../limits.js';
import type { EndpointOptions } from './endpoint-options.js';
import { splitHost } from './guards/host.js';
import type { GuardOptions } from './guards/index.js';
import { messagePath, ssePath } from './http-sse.js';

export interface EdgeOptions extends GuardOptions {
  /** Origins whose pages may read answers. */
  readonly pageOrigins: readonly string[];
}

/** What the guards go by. Throws a RangeError for what looks like a name and is none. */
export function readGuardOptions(
  options: EndpointOptions,
  limits: Limits,
  ownOrigins: () => readonly string[],
): EdgeOptions {
  const url = options.publicUrl === undefined ? undefined : readUrl(options.publicUrl);
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
    isPrivate: options.auth === undefined && url === undefined,
    bytesMax: limits.serverMessageBytesMax,
  };
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

function readOrigin(text: string): string {
  const lower = text.toLowerCase();
  if (origin.test(lower)) return lower;
  throw new RangeError(
    `allowedOrigins: "${text}" is no origin; write each one whole, like https://app.example`,
  );
}
