import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { McpError } from '../errors.js';
import { defaultLimits } from '../limits.js';
import { isLoopbackName } from '../platform/loopback.js';
import { readProxies, tunnelAgent } from '../platform/node-proxy.js';
import type { GuardedFetch, GuardedFetchOptions, GuardOptions } from './guarded-fetch.js';
import {
  type Address,
  isIn,
  isNearer,
  type Nearness,
  nearnessOf,
  type Networks,
  networksOf,
} from './node-networks.js';

/** Finds the addresses of a name. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** Sends a request to addresses that may be asked. */
export type Dial = (
  url: URL,
  to: readonly Address[],
  about: DialOptions,
) => Promise<IncomingMessage>;

/** What the guard stands before: tests have one of their own. */
export interface GuardedNetwork {
  readonly resolve?: Resolve;
  readonly dial?: Dial;
  readonly env?: NodeJS.ProcessEnv;
}

/** The proxy finds out. An address that stands there is looked at all the same. */
const byName: Resolve = () => Promise.resolve([]);

const systemResolve: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

/**
 * A fetch that goes to public addresses only, and to the very ones that it has checked. Addresses
 * nearer than that are asked where the user named one that is as near.
 */
export function nodeGuardedFetch(
  options: GuardOptions = {},
  { resolve = systemResolve, dial = send, env = process.env }: GuardedNetwork = {},
): GuardedFetch {
  const allowed = networksOf(options.allowedNetworks ?? []);
  const typed = options.typedUrl === undefined ? undefined : new URL(options.typedUrl);
  const base = nearnessOfUrl(typed);
  const isPlainAllowed = options.allowLoopbackHttp === true || base === 'loopback';
  const proxyFor = readProxies(env);
  return async (text, about) => {
    const { method = 'GET', timeoutMs, bytesMax } = about;
    const { redirectsMax } = defaultLimits;
    const signal = AbortSignal.timeout(timeoutMs);
    let url = readUrl(text, isPlainAllowed);
    for (let redirects = 0; ; redirects++) {
      // The server itself may be at home; what it names has to be public all the same.
      const isServer = typed?.origin === url.origin && base === 'public';
      const nearest = isServer ? 'private' : base;
      const isPlain = url.protocol === 'http:';
      const limit: Limit = { allowed, nearest, isLoopbackAllowed: isPlainAllowed, isPlain };
      const proxy = proxyFor?.(url);
      const addresses = await inTime(addressesOf(url, limit, proxy ? byName : resolve), signal);
      const incoming = await dial(url, addresses, { ...about, method, signal, proxy });
      const next = method === 'GET' ? redirectOf(incoming, url) : undefined;
      if (next === undefined) return answerOf(incoming, bytesMax);
      incoming.destroy();
      if (redirects >= redirectsMax) throw refused(`it redirects more than ${redirectsMax} times`);
      if (next.origin !== url.origin) throw refused('it redirects elsewhere');
      url = readUrl(next.href, isPlainAllowed);
    }
  };
}

function readUrl(text: string, isPlainAllowed: boolean): URL {
  if (!URL.canParse(text)) throw refused('it is no URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refused('its address holds credentials');
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isPlainAllowed && isLoopbackName(url.hostname)) return url;
  throw refused('its address is not https');
}

/** By what the user wrote: names other than `localhost` are in the hands of others. */
function nearnessOfUrl(url: URL | undefined): Nearness {
  if (url === undefined) return 'public';
  const address = hostOf(url);
  const family = isIP(address);
  if (family === 0) return isLoopbackName(address) ? 'loopback' : 'public';
  const nearness = nearnessOf({ address, family });
  return nearness === 'special' ? 'public' : nearness;
}

interface Limit {
  readonly allowed: Networks;
  readonly nearest: Nearness;
  readonly isLoopbackAllowed: boolean;
  /** Without TLS: whatever its name promises, it has to be this machine. */
  readonly isPlain: boolean;
}

/** Resolved once: whoever answers for the name must not say one thing now and another later. */
async function addressesOf(
  url: URL,
  { allowed, nearest, isLoopbackAllowed, isPlain }: Limit,
  resolve: Resolve,
): Promise<readonly Address[]> {
  const host = hostOf(url);
  const family = isIP(host);
  const found =
    family === 0
      ? await resolve(host).catch((cause: unknown) => {
          throw refused('its name is not known', cause);
        })
      : [{ address: host, family }];
  if (found.length === 0 && resolve !== byName) throw refused('its name has no address');
  // One private address among many is how a name is made to point inwards.
  for (const one of found) {
    const nearness = nearnessOf(one);
    const isHere = nearness === 'loopback';
    if (isPlain && !isHere) throw refused('its address is not https');
    if (isHere && isLoopbackAllowed) continue;
    if (isIn(allowed, one) || !isNearer(nearness, nearest)) continue;
    throw refused('its address is private or special, and not among allowedNetworks');
  }
  return found;
}

export interface DialOptions extends GuardedFetchOptions {
  readonly method: string;
  readonly signal: AbortSignal;
  /** What is between: it finds the addresses, and stands where it may go. */
  readonly proxy?: URL | undefined;
}

function send(url: URL, to: readonly Address[], about: DialOptions): Promise<IncomingMessage> {
  const { method, headers, body, signal, proxy } = about;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const { proxyConnectMs } = defaultLimits;
    const agent = proxy === undefined ? false : tunnelAgent(proxy, proxyConnectMs);
    const outgoing = request(url, {
      method,
      headers: { accept: 'application/json', ...headers, 'accept-encoding': 'identity' },
      agent,
      signal,
      lookup: (_host, options, done) => {
        const { address, family } = to[0]!;
        if (options.all === true) done(null, [...to]);
        else done(null, address, family);
      },
    });
    outgoing.on('error', (cause) => reject(refused('it did not answer', cause)));
    // Without a listener such an answer would leave everybody waiting.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(refused('it changes the protocol'));
    });
    outgoing.on('response', resolve);
    outgoing.end(body);
  });
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  const { location = '' } = headers;
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  return isRedirect && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

async function answerOf(incoming: IncomingMessage, bytesMax: number): Promise<Response> {
  const { statusCode: status = 0, headers } = incoming;
  if (status < 200 || (status >= 300 && status < 400)) {
    incoming.destroy();
    throw refused(`it redirects, or answers with status ${status}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bytesMax) throw refused(`its answer has more than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    incoming.destroy();
    throw cause instanceof McpError ? cause : refused('it broke off', cause);
  }
  const kept = ['content-type', 'www-authenticate', 'dpop-nonce', 'date'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  const hasBody = status !== 204 && status !== 205;
  return new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers: kept });
}

function inTime<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(refused('its name is not found in time')));
    work.then(resolve, reject);
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function refused(why: string, cause?: unknown): McpError {
  const options = cause === undefined ? {} : { cause };
  return new McpError(
    'connectionFailed',
    `The authorization server cannot be asked: ${why}`,
    options,
  );
}
