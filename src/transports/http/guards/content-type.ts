import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * JSON only, uncompressed: a form or text/plain body is what a page can send without asking, and a
 * compressed one may grow a thousandfold.
 */
export const guardContentType: Guard = ({ method }, head) => {
  if (method !== 'POST') return undefined;
  if (!isJson(head['content-type'])) {
    return new McpError('unsupportedMediaType', 'Content-Type must be application/json');
  }
  if (head['content-encoding'] !== undefined && head['content-encoding'] !== 'identity') {
    return new McpError(
      'unsupportedMediaType',
      'Content-Encoding is not supported: send plain JSON',
    );
  }
  return undefined;
};

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  if (contentType === undefined) return false;
  return /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType);
}
