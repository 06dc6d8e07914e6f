import { type ErrorKind, McpError } from '../../errors.js';
import { boundsForClient } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
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
export async function readRefusal(response: HttpResponse, limits: Limits): Promise<McpError> {
  return refusalOf(response, await readSaid(response, limits));
}

/** The same, where it is known what was `said`. */
export function refusalOf(response: HttpResponse, said: McpError | undefined): McpError {
  const { status } = response;
  const retryAfterMs = mayPass.has(status) ? askedMs(response) : undefined;
  // Of those only 503 says that nothing was done; a gateway may have passed the request on.
  const kind = kindByStatus[status] ?? (status >= 500 ? 'outcomeUnknown' : 'badResponse');
  if (said !== undefined) {
    const { code, data } = said;
    // A kind that the code could not tell is told by the status; the server's words are kept.
    const options = { code, data, fromPeer: true, retryAfterMs };
    return new McpError(said.kind === 'peer' ? kind : said.kind, said.message, options);
  }
  const text = `The server answered with HTTP status ${status}${hintOf(response)}`;
  return new McpError(kind, text, { fromPeer: true, retryAfterMs });
}

const mayPass: ReadonlySet<number> = new Set([429, 503]);

/** RFC 9110, section 10.2.3: a number of seconds, or a date, which the server's own clock sets. */
function askedMs(response: HttpResponse): number | undefined {
  const asked = response.header('retry-after')?.trim() ?? '';
  if (/^\d{1,15}$/.test(asked)) return Number(asked) * 1000;
  if (asked.length > dateLengthMax) return undefined;
  const ms = Date.parse(asked) - Date.parse(response.header('date') ?? '');
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

const dateLengthMax = 40;

/**
 * What the server said in JSON-RPC. Proxies and the guards before a server refuse in words of their
 * own, which are no messages. `onBroken`: told when what it said broke off.
 */
export async function readSaid(
  response: HttpResponse,
  limits: Limits,
  onBroken: (cause: McpError) => void = () => undefined,
): Promise<McpError | undefined> {
  if (bodyKind(response) !== 'json') {
    response.discard();
    return undefined;
  }
  const bounds = boundsForClient(limits);
  const bytesMax = Math.min(bounds.bytesMax, limits.refusalBytesMax);
  const unread = (thrown: unknown): undefined => {
    const cause = McpError.from(thrown);
    if (cause.kind !== 'badResponse' && cause.kind !== 'tooLarge') onBroken(cause);
  };
  const message = await readJson(response, { ...bounds, bytesMax }).catch(unread);
  if (message === undefined || !('error' in message)) return undefined;
  return McpError.fromWire(message.error);
}

function hintOf(response: HttpResponse): string {
  const { status } = response;
  const said = (name: string): string => response.header(name)?.slice(0, 200) ?? '';
  // Never followed: it would take the caller's credentials wherever the server likes.
  if (status >= 300 && status < 400) return `: it redirects to "${bare(said('location'))}"`;
  // All that a web page is told of a redirect.
  if (status === 0) return ': it redirects elsewhere';
  // Most often a web page at a mistaken address.
  return status < 300 ? ` and content of type "${said('content-type')}"` : '';
}

/** An address without its query and its user: a server may repeat there what it was shown. */
function bare(address: string): string {
  const [path = ''] = address.split(/[?#]/, 1);
  return path.replace(/\/\/[^/]{0,200}@/, '//');
}
