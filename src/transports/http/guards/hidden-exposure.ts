import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * A request that came through a proxy or tunnel to a server which believes to be private and asks
 * nobody who they are: the desk has become public without its owner's knowledge.
 */
export const guardHiddenExposure: Guard = (_request, head) => {
  if (!head.forwarded) return undefined;
  return new McpError('forbidden', 'Forbidden: this server is private', {
    cause:
      'A proxy forwarded this request to a loopback server without authentication. If that is ' +
      'meant, set publicUrl and verify',
  });
};
