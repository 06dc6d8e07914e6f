import { McpError } from '../../../errors.js';
import type { Endpoint } from '../endpoint.js';
import { FetchReply } from '../fetch-reply.js';
import { fetchHandler } from '../fetch.js';
import { type NodeHandler, serveIncoming, watchLoadOfNode } from '../node.js';
import { endWithAnswer, isEnding } from '../node-reply.js';

/** What is used of a context of Hono. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  /** On Node it has the request as it came; elsewhere what the runtime puts there. */
  readonly env: unknown;
}

export interface HonoHandlerOptions {
  /**
   * Where the handler does not run on Node: the function of this name that Hono has for your
   * runtime (`hono/deno`, `hono/bun`, `hono/cloudflare-workers`). It tells the client's address, by
   * which guesses of tokens, and strangers, are counted. `unknown`: somebody before this server
   * does that.
   */
  readonly getConnInfo?:
    | ((context: never) => { readonly remote: { readonly address?: string | undefined } })
    | 'unknown';
}

/**
 * The handler of an endpoint for Hono: `app.all('/mcp', honoHandler(endpoint))`. On Node it looks
 * at the request as it came, where a header that came twice can still be told; elsewhere at the web
 * request.
 */
export function honoHandler(
  endpoint: Endpoint,
  { getConnInfo }: HonoHandlerOptions = {},
): (context: HonoContext) => Promise<Response> {
  const serveWeb = fetchHandler<[HonoContext]>(endpoint, {
    clientAddress(_request, context) {
      const incoming = incomingOf(context);
      if (incoming !== undefined) return incoming.socket.remoteAddress;
      if (getConnInfo === undefined && !endpoint.isPrivate) throw noAddress();
      // It takes the context of Hono, which this is.
      return typeof getConnInfo === 'function'
        ? getConnInfo(context as never).remote.address
        : undefined;
    },
  });
  return (context) => {
    const { raw } = context.req;
    const incoming = incomingOf(context);
    // HTTP/2 has a framing of its own, and says by such names what HTTP/1.1 says by lines.
    const isHttp1 = incoming !== undefined && !(':method' in incoming.headers);
    return isHttp1 ? serveOnNode(endpoint, incoming, raw.signal) : serveWeb(raw, context);
  };
}

// Where it runs is known with the first request only.
function noAddress(): McpError {
  const text = "honoHandler: give getConnInfo of your runtime, or 'unknown' (see the guide)";
  return new McpError('internal', text);
}

type Incoming = Parameters<NodeHandler>[0];

/** What `@hono/node-server` was given by `node:http`. */
function incomingOf({ env }: HonoContext): Incoming | undefined {
  const { incoming } = (env ?? {}) as { readonly incoming?: Incoming };
  return Array.isArray(incoming?.rawHeaders) ? incoming : undefined;
}

/** Answers through Hono and not by the response of Node, so that middleware sees the answer. */
function serveOnNode(
  endpoint: Endpoint,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<Response> {
  watchLoadOfNode(endpoint);
  const { socket } = incoming;
  return new Promise((resolve) => {
    // Behind a request whose end is in doubt nothing is served; this answer is never sent.
    if (isEnding(socket)) return resolve(new Response(null, { status: 503 }));
    const answer = (response: Response): void => {
      if (response.headers.get('connection') === 'close') endWithAnswer(socket);
      resolve(response);
    };
    serveIncoming(endpoint, incoming, new FetchReply(answer, signal));
  });
}
