import type { RedisOptions } from 'ioredis';
import type { ConnectionOptions } from 'node:tls';

/** Where Redis, or Valkey, is. */
export interface RedisAddress {
  /**
   * `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS, or `unix:///path`. With
   * `sentinels` it says all but the host: `redis://user:password@/0`.
   */
  readonly url?: string;
  /** Who knows which server is the primary one; `name` is how they call it. */
  readonly sentinels?: readonly { readonly host: string; readonly port?: number }[];
  readonly name?: string;
  /** What the sentinels want to be told, where they want that. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** Certificates and the like; there is TLS when it is present. */
  readonly tls?: ConnectionOptions;
}

const portOfRedis = 6379;
const portOfSentinel = 26_379;

/** Throws a TypeError that never shows the address, which may hold a password. */
export function readAddress(address: string | RedisAddress): RedisOptions {
  const { url, sentinels, tls, ...rest } = typeof address === 'string' ? { url: address } : address;
  if (url === undefined && sentinels === undefined) {
    throw new TypeError('Redis needs an address: a url, or sentinels and the name they know');
  }
  const server = url === undefined ? {} : readUrl(url, sentinels !== undefined);
  const isSecret = tls !== undefined || server.tls !== undefined;
  const secrecy = isSecret ? { tls: { ...server.tls, ...tls } } : {};
  if (sentinels === undefined) return { ...server, ...secrecy };
  const { name, sentinelUsername, sentinelPassword } = rest;
  if (name === undefined || sentinels.length === 0) {
    throw new TypeError('Sentinels need a name to ask for, and to be at least one');
  }
  return {
    ...server,
    ...secrecy,
    ...(isSecret && { enableTLSForSentinelMode: true, sentinelTLS: secrecy.tls ?? {} }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    name,
    sentinels: sentinels.map(({ host, port = portOfSentinel }) => ({ host, port })),
  };
}

function readUrl(url: string, isForSentinels: boolean): RedisOptions {
  const socket = /^unix:\/\/(\/.+)$/.exec(url)?.[1];
  if (socket !== undefined) return { path: socket };
  // An address without a host is none for the parser; with sentinels it is not looked at.
  const full = isForSentinels ? url.replace(/(\/\/(?:[^/]*@)?)(?=\/|$)/, '$1none') : url;
  const parsed = URL.canParse(full) ? new URL(full) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol)) {
    throw new TypeError('The address of Redis must be like redis://host, rediss:// or unix:///');
  }
  const { hostname, port, username, password, pathname, protocol } = parsed;
  const db = pathname.length > 1 ? Number(pathname.slice(1)) : 0;
  if (!Number.isInteger(db)) throw new TypeError('The path of an address of Redis is a number');
  return {
    // IPv6 comes in brackets.
    ...(!isForSentinels && {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || portOfRedis),
    }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
    db,
  };
}
