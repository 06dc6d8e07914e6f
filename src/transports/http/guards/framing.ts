import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/** Refuses what two HTTP implementations could read in two ways (request smuggling). */
export const guardFraming: Guard = (request, head) => {
  if (request.httpVersion !== '1.1' && head.host === undefined) return bad('Host is missing');
  if (!request.target.startsWith('/')) return bad('The request target must be a path');
  if (head['transfer-encoding'] !== undefined) {
    if (head['content-length'] !== undefined)
      return bad('Both Content-Length and Transfer-Encoding');
    if (head['transfer-encoding'].toLowerCase() !== 'chunked') {
      return bad('Transfer-Encoding must be chunked');
    }
  }
  const hasBody =
    head['transfer-encoding'] !== undefined || (head['content-length'] ?? '0') !== '0';
  if (hasBody && request.method !== 'POST') return bad(`${request.method} takes no body`);
  return undefined;
};

function bad(message: string): McpError {
  return new McpError('badRequest', message);
}
