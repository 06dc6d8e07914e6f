import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/** Refuses what two HTTP implementations could read in two ways (request smuggling). */
export const guardFraming: Guard = (request, head) => {
  const { httpVersion, method } = request;
  const length = head['content-length'];
  const coding = head['transfer-encoding'];
  if (httpVersion !== '1.1') {
    if (httpVersion !== '1.0') return bad('The HTTP version must be 1.1 or 1.0');
    if (head.host === undefined) return bad('Host is missing');
    // HTTP/1.0 knows no codings: its readers take the chunks for the next request.
    if (coding !== undefined) return bad('HTTP/1.0 has no Transfer-Encoding');
  }
  if (!request.target.startsWith('/')) return bad('The request target must be a path');
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length))
    return bad('Content-Length is no number');
  if (coding !== undefined) {
    if (length !== undefined) return bad('Both Content-Length and Transfer-Encoding');
    if (coding.toLowerCase() !== 'chunked') return bad('Transfer-Encoding must be chunked');
  }
  const hasBody = coding !== undefined || (length !== undefined && length !== '0');
  if (hasBody && bodiless.has(method)) return bad(`${method} takes no body`);
  return undefined;
};

const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

function bad(message: string): McpError {
  return new McpError('badRequest', message);
}
