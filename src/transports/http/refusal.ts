import { type ErrorKind, McpError } from '../../errors.js';
import type { HttpResponse } from './send.js';

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
  503: 'unavailable',
};

/** A refused request as an error: what the server said in JSON-RPC, or else its HTTP status. */
export function refusalOf(response: HttpResponse, answer?: McpError): McpError {
  // A kind that the code could not tell is told by the status; the server's words are kept.
  if (answer !== undefined && answer.kind !== 'peer') return answer;
  const { status } = response;
  const kind = kindByStatus[status] ?? (status >= 500 ? 'unavailable' : 'badResponse');
  if (answer !== undefined) {
    if (status === 200) return answer;
    return new McpError(kind, answer.message, {
      code: answer.code,
      data: answer.data,
      fromPeer: true,
    });
  }
  const hint = status >= 300 && status < 400 ? `: it redirects to ${where(response)}` : '';
  return new McpError(kind, `The server answered with HTTP status ${status}${hint}`, {
    fromPeer: true,
  });
}

function where(response: HttpResponse): string {
  return response.header('location')?.slice(0, 200) ?? 'nowhere';
}
