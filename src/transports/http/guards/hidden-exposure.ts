import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';
import { isLoopback } from './host.js';

/**
 * A request from elsewhere to a server which believes to be private and asks nobody who they are:
 * a proxy, a tunnel or a listener on all interfaces has made the desk public without its owner's
 * knowledge.
 */
export const guardHiddenExposure: Guard = ({ remoteAddress, isProxied }, head) => {
  if (isProxied === true) return undefined;
  if (head.forwarded) return exposed('A proxy forwarded this request to');
  if (remoteAddress === undefined || isLoopback(unmapped(remoteAddress))) return undefined;
  return exposed(`${remoteAddress} reached`);
};

/** The IPv4 address that a socket for both families shows as IPv6. */
function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function exposed(how: string): McpError {
  return new McpError('forbidden', 'Forbidden: this server is private', {
    cause:
      `${how} a server without authentication. ` +
      'If that is meant, set trustedProxies, or auth and publicUrl',
  });
}
