import { McpError } from '../../../errors.js';
import { isThisMachine, readAddress } from '../addresses.js';
import type { Guard } from './guard.js';

/**
 * A request from elsewhere to a server which believes to be private and asks nobody who they are:
 * a proxy, a tunnel or a listener on all interfaces has made the desk public without its owner's
 * knowledge.
 */
export const guardHiddenExposure: Guard = ({ remoteAddress }, head) => {
  if (head.forwarded) return exposed('A proxy forwarded this request to');
  if (remoteAddress === undefined || usual.has(remoteAddress)) return undefined;
  const address = readAddress(remoteAddress);
  if (address !== undefined && isThisMachine(address)) return undefined;
  return exposed(`${remoteAddress} reached`);
};

/** As sockets write it, so that it need not be read. */
const usual: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

function exposed(how: string): McpError {
  return new McpError('forbidden', 'Forbidden: this server is private', {
    cause:
      `${how} a server without authentication. ` +
      'If that is meant, set auth, or publicUrl where everybody is welcome, and trustedProxies',
  });
}
