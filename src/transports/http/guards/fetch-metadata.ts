import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * Fetch metadata: browsers say by themselves when a request is a navigation or comes from another
 * site, also where they send no Origin (images, frames, plain GET).
 */
export const guardFetchMetadata: Guard = (_request, head) => {
  if (head['sec-fetch-mode'] === 'navigate') return refused('a navigation');
  const site = head['sec-fetch-site'];
  const foreign = site === 'cross-site' || site === 'same-site';
  // With an Origin the allow-list has decided; without one nothing vouches for the page.
  if (foreign && head.origin === undefined) return refused('a request from another site');
  return undefined;
};

function refused(what: string): McpError {
  return new McpError('forbidden', `Forbidden: this is no place for ${what} of a browser`);
}
