import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpError } from '../../errors.js';
import type { Endpoint, EndpointOptions } from './endpoint.js';
import { isLoopback } from './guards/host.js';
import { readBody } from './node-body.js';
import { createListener } from './node-listener.js';
import { isEnding, NodeReply } from './node-reply.js';
import type { WireRequest } from './wire.js';

export interface ListenOptions extends EndpointOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. Anything but loopback needs `verify` and `allowedHosts` or `publicUrl`. */
  readonly host?: string;
}

export interface Listening {
  /** The address of the endpoint, path included. */
  readonly url: string;
  readonly port: number;
  /** Refuses what comes, lets calls finish for up to `drainMs`, then closes everything. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Listens for an endpoint. Rejects when the address is taken, or public without `verify`. */
export async function listenOnNode(endpoint: Endpoint, options: ListenOptions): Promise<Listening> {
  const host = options.host ?? '127.0.0.1';
  refusePublicBind(host, options);
  const server = createListener({
    limits: endpoint.limits,
    refuse: (error) => endpoint.refuse(error),
    serve(request, response, awaitsContinue) {
      serve(
        endpoint,
        request,
        response,
        awaitsContinue ? () => response.writeContinue() : undefined,
      );
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const names = ['localhost', '127.0.0.1', '[::1]'];
  endpoint.ownOrigins(names.map((name) => `http://${name}:${port}`));
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    url: `http://${authority}${options.path ?? '/mcp'}`,
    port,
    async close({ drainMs } = {}) {
      // Calls that finish may still need answers and cancellations, on whatever connection.
      await endpoint.close(drainMs);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // What is still open after the drain has had its last words.
      setTimeout(() => server.closeAllConnections(), 100).unref();
      await closed;
    },
  };
}

/** The `(req, res)` function of an endpoint, to be mounted in a server of your own. */
export function nodeHandler(
  endpoint: Endpoint,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(endpoint, request, response);
  };
}

function serve(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  ready?: () => void,
): void {
  // Behind a request whose end is in doubt nobody can tell what is one: it must not be served.
  if (isEnding(request.socket)) return;
  void endpoint.handle(
    new NodeRequest(request, endpoint, ready),
    new NodeReply(response, endpoint),
  );
}

function refusePublicBind(host: string, options: ListenOptions): void {
  if (isLoopback(host)) return;
  const named = options.publicUrl !== undefined || (options.allowedHosts ?? []).length > 0;
  if (options.verify !== undefined && named) return;
  throw new McpError(
    'forbidden',
    `Refusing to listen on ${host}: everybody could call this server. ` +
      'Give verify (who is calling) and allowedHosts or publicUrl (under which name), ' +
      'or listen on 127.0.0.1',
  );
}

class NodeRequest implements WireRequest {
  readonly #request: IncomingMessage;
  readonly #endpoint: Endpoint;
  readonly #ready: (() => void) | undefined;

  /** `ready` is called before the body is read, for a client that sends it only then. */
  constructor(request: IncomingMessage, endpoint: Endpoint, ready?: () => void) {
    this.#request = request;
    this.#endpoint = endpoint;
    this.#ready = ready;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
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
    const { clock } = this.#endpoint.platform;
    this.#ready?.();
    return readBody(this.#request, bytesMax, this.#endpoint.limits.bodyMs, clock);
  }
}
