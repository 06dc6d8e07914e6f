import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * The Host allow-list: the one complete defence against DNS rebinding, because a rebound name is
 * the page's own and everything else about the request looks same-origin. Loopback names pass with
 * any port, so that port mappings of containers and tunnels over ssh work.
 */
export function guardHost(allowed: readonly string[]): Guard {
  const hosts = new Set(allowed.map((host) => host.toLowerCase()));
  // Nearly all requests name the same one.
  let lastServed = '';
  return (_request, { host }) => {
    if (host === lastServed && host !== '') return undefined;
    if (host === undefined || host === '') return new McpError('badRequest', 'Host is missing');
    const parts = splitHost(host.toLowerCase());
    if (parts === undefined) return new McpError('badRequest', 'Host is malformed');
    if (loopback.has(parts.name) || hosts.has(host.toLowerCase()) || hosts.has(parts.name)) {
      lastServed = host;
      return undefined;
    }
    return new McpError('forbidden', 'Forbidden: this Host is not served here', {
      cause: `Host ${host} is not in allowedHosts; the option allowedHosts or publicUrl allows it`,
    });
  };
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * A strict reading of `host[:port]`: letters, digits, dots and hyphens, or an IPv6 address in
 * brackets. Anything cleverer (user info, escapes, paths) is nobody's honest Host.
 */
export function splitHost(host: string): { readonly name: string } | undefined {
  if (host.length > 261) return undefined;
  const match = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/.exec(host);
  if (match?.[1] === undefined) return undefined;
  if (match[2] !== undefined && Number(match[2]) > 65_535) return undefined;
  return { name: match[1] };
}
