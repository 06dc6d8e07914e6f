import { McpError } from '../errors.js';

/** How authorization servers are asked: never what somebody else's answer happens to point to. */
export interface GuardedFetchOptions {
  readonly bytesMax: number;
  readonly timeoutMs: number;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/**
 * Fetches `url` whole; follows redirects of a GET within its origin only. Rejects with McpError
 * `connectionFailed` for an address that may not be asked, and for what is too large or too slow.
 */
export type GuardedFetch = (url: string, options: GuardedFetchOptions) => Promise<Response>;

/** Which networks a guarded fetch may reach beside the public ones. */
export interface NetworkOptions {
  /** Addresses and networks (`10.0.0.0/8`) of authorization servers that are not public. */
  readonly allowedNetworks?: readonly string[];
  /** Lets an authorization server on this machine be asked by plain http, for development. */
  readonly allowLoopbackHttp?: boolean;
}

/** With what the user typed: addresses as near as that one may be asked, and no nearer. */
export interface GuardOptions extends NetworkOptions {
  readonly typedUrl?: string;
}

/** What asks authorization servers: a fetch of the user's, or the guarded one of this runtime. */
export function guardedFetch(
  options: GuardOptions & { readonly fetch?: GuardedFetch | undefined },
): GuardedFetch {
  let opened: Promise<GuardedFetch> | undefined;
  return (
    options.fetch ??
    (async (url, about) => (await (opened ??= openGuardedFetch(options)))(url, about))
  );
}

/** Web pages have a guard of their own: their browser. */
async function openGuardedFetch(options: GuardOptions): Promise<GuardedFetch> {
  const isNode = typeof process === 'object' && process.versions?.node !== undefined;
  if (!isNode) return webGuardedFetch;
  const { nodeGuardedFetch } = await import('./node-guarded-fetch.js');
  return nodeGuardedFetch(options);
}

const webGuardedFetch: GuardedFetch = async (url, { bytesMax, timeoutMs, ...about }) => {
  const failed = (cause: unknown): never => {
    throw new McpError('connectionFailed', 'The authorization server did not answer', { cause });
  };
  const response = await fetch(url, {
    ...about,
    redirect: 'error',
    credentials: 'omit',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(failed);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(failed);
    if (done) break;
    size += value.length;
    if (size > bytesMax) {
      void reader.cancel().catch(() => undefined);
      return failed(undefined);
    }
    chunks.push(value);
  }
  const { status, headers } = response;
  return new Response(status === 204 || status === 205 ? null : new Blob(chunks), {
    status,
    headers,
  });
};
