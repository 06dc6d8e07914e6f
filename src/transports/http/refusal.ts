import { type ErrorKind, McpError } from '../../errors.js';
import type { ParseBounds } from '../../json-rpc/parse.js';
import { bodyKind, readJson } from './read-reply.js';
import type { HttpResponse } from './requests.js';

const kindByStatus: { readonly [status: number]: ErrorKind | undefined } = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'methodNotAllowed',
  406: 'notAcceptable',
  409: 'streamConflict',
  413: 'tooLarge',
  415: 'unsupportedMediaType',
  429: 'tooManyRequests',
  431: 'headersTooLarge',
  503: 'unavailable',
};

/** A refused request as an error: what the server said in JSON-RPC, or else its HTTP status. */
export async function readRefusal(response: HttpResponse, bounds: ParseBounds): Promise<McpError> {
  const said = await errorIn(response, bounds);
  // A kind that the code could not tell is told by the status; the server's words are kept.
  if (said !== undefined && said.kind !== 'peer') return said;
  const { status } = response;
  const kind = kindByStatus[status] ?? (status >= 500 ? 'unavailable' : 'badResponse');
  if (said !== undefined) {
    const { code, data } = said;
    return new McpError(kind, said.message, { code, data, fromPeer: true });
  }
  const text = `The server answered with HTTP status ${status}${hintOf(response)}`;
  return new McpError(kind, text, { fromPeer: true });
}

/** Proxies and the guards before a server refuse in words of their own, which are no messages. */
async function errorIn(response: HttpResponse, bounds: ParseBounds): Promise<McpError | undefined> {
  if (bodyKind(response) !== 'json') {
    response.discard();
    return undefined;
  }
  const message = await readJson(response, bounds).catch(() => undefined);
  if (message === undefined || !('error' in message)) return undefined;
  return McpError.fromWire(message.error);
}

function hintOf(response: HttpResponse): string {
  const { status } = response;
  const quoted = (name: string): string => `"${response.header(name)?.slice(0, 200) ?? ''}"`;
  if (status >= 300 && status < 400) return `: it redirects to ${quoted('location')}`;
  // Most often a web page at a mistaken address.
  return status < 300 ? ` and content of type ${quoted('content-type')}` : '';
}
