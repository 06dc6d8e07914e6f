import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Endpoint, EndpointOptions } from './endpoint.js';
import { isLoopback } from './guards/host.js';
import { readBody } from './node-body.js';
import type { WireHeaders, WireReply, WireRequest } from './wire.js';

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
  const server = createListener(endpoint);
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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await endpoint.close(drainMs);
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
    void endpoint.handle(new NodeRequest(request, endpoint), new NodeReply(response));
  };
}

function createListener(endpoint: Endpoint): Server {
  const { limits } = endpoint;
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.bodyMs,
      keepAliveTimeout: limits.idleConnectionMs,
      connectionsCheckingInterval: 1000,
      keepAlive: true,
      // Answers are whole messages: waiting to fill a packet only delays them.
      noDelay: true,
      insecureHTTPParser: false,
      requireHostHeader: false,
    },
    nodeHandler(endpoint),
  );
  limitConnections(server, limits);
  return server;
}

function limitConnections(server: Server, limits: Limits): void {
  server.maxHeadersCount = limits.headersMax;
  server.maxConnections = limits.connectionsMax;
  server.maxRequestsPerSocket = limits.requestsPerConnectionMax;
  // A stream may be silent for as long as its keep-alives allow; the socket itself never times out.
  server.timeout = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const status = clientErrorStatus[error.code ?? ''] ?? '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
}

const clientErrorStatus: { readonly [code: string]: string | undefined } = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

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

  constructor(request: IncomingMessage, endpoint: Endpoint) {
    this.#request = request;
    this.#endpoint = endpoint;
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
    return readBody(this.#request, bytesMax, this.#endpoint.limits.bodyMs, clock);
  }
}

class NodeReply implements WireReply {
  readonly #response: ServerResponse;
  #done = false;
  #begun = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    // A reader that goes makes the socket fail; there is nobody left to tell.
    response.on('error', () => undefined);
  }

  get vanished(): boolean {
    return this.#response.destroyed;
  }

  send(status: number, headers: WireHeaders, body = ''): void {
    if (this.#done) return;
    this.#done = true;
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    // 204 has no body, and may not say so by a length (RFC 9110, section 8.6).
    const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    response.writeHead(status, { ...headers, ...length });
    response.end(body);
  }

  open(status: number, headers: WireHeaders): void {
    if (this.#done || this.#response.destroyed) return;
    this.#response.writeHead(status, headers);
    // Node keeps a head until something follows; here that may take long.
    process.nextTick(() => {
      if (!this.#begun && !this.#response.destroyed) this.#response.flushHeaders();
    });
  }

  write(text: string): boolean {
    this.#begun = true;
    return this.#response.destroyed || this.#response.write(text);
  }

  end(): void {
    this.#done = true;
    this.#begun = true;
    this.#response.end();
  }

  cut(): void {
    this.#response.destroy();
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onVanish(listener: () => void): void {
    this.#response.once('close', () => {
      if (!this.#done) listener();
    });
  }
}
