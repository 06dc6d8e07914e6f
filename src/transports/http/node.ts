import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from './endpoint.js';
import { readBody } from './node-body.js';
import { nodeLoad } from './node-load.js';
import { isEnding, NodeReply } from './node-reply.js';
import { sendLate, sendNow } from './node-together.js';
import type { WireReply, WireRequest } from './wire.js';

/** What `node:http`, and what is like it, calls for each request. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** The `(req, res)` function of an endpoint, to be mounted in a server of your own. */
export function nodeHandler(endpoint: Endpoint): NodeHandler {
  watchLoadOfNode(endpoint);
  return (request, response) => {
    serveOnNode(endpoint, request, response);
  };
}

/** Serves a request of `node:http` whose answer takes a way of its own. */
export function serveIncoming(
  endpoint: Endpoint,
  request: IncomingMessage,
  wire: WireReply,
  ready?: () => void,
): void {
  void endpoint.handle(new NodeRequest(request, endpoint, ready), wire);
}

/**
 * Serves a request that is answered by Node; `ready` is called before its body is read. `isOurs`:
 * it came to a server of our own, where nobody else looks at it.
 */
export function serveOnNode(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  ready?: () => void,
  isOurs = false,
): void {
  // Behind a request whose end is in doubt nobody can tell what is one: it must not be served.
  if (isEnding(request.socket)) return;
  // What is ready does not wait for what this one does.
  sendLate();
  serveIncoming(endpoint, request, new NodeReply(response, endpoint, isOurs), ready);
}

const watched = new WeakSet<Endpoint>();

/** Lets an endpoint know of the load of this process, and of what waits here. Once is enough. */
export function watchLoadOfNode(endpoint: Endpoint): void {
  if (watched.has(endpoint)) return;
  watched.add(endpoint);
  endpoint.watchLoad(nodeLoad());
  endpoint.beforeClosed(sendNow);
}

class NodeRequest implements WireRequest {
  readonly method: string;
  readonly target: string;
  readonly #request: IncomingMessage;
  readonly #endpoint: Endpoint;
  readonly #ready: (() => void) | undefined;

  /** `ready` is called before the body is read, for a client that sends it only then. */
  constructor(request: IncomingMessage, endpoint: Endpoint, ready?: () => void) {
    // Frameworks keep there what came when they cut a prefix off.
    const { originalUrl }: { originalUrl?: unknown } = request as object;
    this.method = request.method ?? '';
    this.target = typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
    this.#request = request;
    this.#endpoint = endpoint;
    this.#ready = ready;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  body(bytesMax: number): Promise<Uint8Array> {
    const { limits, platform } = this.#endpoint;
    this.#ready?.();
    return readBody(this.#request, bytesMax, limits, platform.clock);
  }
}
