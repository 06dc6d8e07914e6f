import { McpError } from '../../errors.js';
import type { Request } from '../../exchange.js';
import { type MethodRows, rowFor } from '../../protocol/methods.js';
import { metaKeys } from '../../protocol/meta.js';
import { decodeHeaderValue, encodeHeaderValue } from '../../protocol/header-value.js';
import { isJsonObject } from '../../json-rpc/message.js';
import type { Head } from './head.js';

/**
 * Compares the standard headers of a modern request with its body (2026-07-28
 * basic/transports/streamable-http, "Request Headers"): what a gateway decides by must be what the
 * server does. Returns what is wrong, if anything.
 */
export function compareMirroredHeaders(
  request: Request,
  head: Head,
  methods?: MethodRows,
): McpError | undefined {
  const version = head['mcp-protocol-version'];
  const meta = request.params?.['_meta'];
  const bodyVersion = isJsonObject(meta) ? meta[metaKeys.protocolVersion] : undefined;
  if (version === undefined) return mismatch('MCP-Protocol-Version is missing');
  // Without a version in the body the envelope is at fault, which is judged later.
  if (bodyVersion !== undefined && version !== bodyVersion) {
    return mismatch('MCP-Protocol-Version differs from _meta');
  }
  const method = head['mcp-method'];
  if (method === undefined) return mismatch('Mcp-Method is missing');
  if (method !== request.method) return mismatch('Mcp-Method differs from the body');
  return compareName(request, head['mcp-name'], methods);
}

function compareName(
  request: Request,
  header: string | undefined,
  methods: MethodRows | undefined,
): McpError | undefined {
  const name = nameOf(request, methods);
  if (name === undefined) return undefined;
  if (header === undefined) return mismatch('Mcp-Name is missing');
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined) return mismatch('Mcp-Name is not valid Base64');
  return decoded === name ? undefined : mismatch('Mcp-Name differs from the body');
}

/** The headers by which a client mirrors `request`. */
export function mirroredHeaders(
  request: Request,
  version: string,
  methods?: MethodRows,
): { [name: string]: string } {
  const headers: { [name: string]: string } = {
    'mcp-protocol-version': version,
    'mcp-method': request.method,
  };
  const name = nameOf(request, methods);
  if (name !== undefined) headers['mcp-name'] = encodeHeaderValue(name);
  return headers;
}

/** The name, URI or task id that the method's row says is mirrored in Mcp-Name. */
function nameOf({ method, params }: Request, methods?: MethodRows): string | undefined {
  // A method of the older revisions only is unknown here, with or without a name.
  const member = rowFor('modern', method, methods)?.nameParam;
  const name = member === undefined ? undefined : params?.[member];
  return typeof name === 'string' ? name : undefined;
}

function mismatch(message: string): McpError {
  return new McpError('headerMismatch', message);
}
