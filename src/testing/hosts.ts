import { PassThrough } from 'node:stream';
import { connect, type ConnectOptions } from '../connect.js';
import type { Client } from '../client/client.js';
import type { Pipe } from '../engine/pipe.js';
import { servePipe, type ServedPipe } from '../eras/serve-pipe.js';
import type { Served } from '../exchange.js';
import { type Limits, resolveLimits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { createEndpoint, type EndpointOptions, fetchHandler } from '../transports/http/index.js';
import { listenOnNode } from '../transports/http/node-listen.js';
import { memoryPipes } from '../transports/memory.js';
import { stdioPipe } from '../transports/stdio/serve.js';
import { createWireTap, tapEndpoint, tapPipe, type Wire, type WireTap } from './wire.js';

/**
 * How client and server are connected: two ends in memory, the framing of stdio over streams in
 * memory, `node:http` at both ends, global `fetch` to a `node:http` server, web requests and
 * responses handed over without a socket, or the two endpoints of HTTP+SSE.
 */
export type TransportName = 'memory' | 'stdio' | 'http' | 'fetch' | 'web' | 'http-sse';

export interface HostOptions {
  readonly platform: Platform;
  /** The transport's bounds; the server's own are given to `createServer`. */
  readonly limits?: Partial<Limits>;
  /** More options of the HTTP endpoint, where there is one. */
  readonly endpoint?: EndpointOptions;
}

/** A server on one transport, which any number of clients may connect to. */
export interface Host {
  readonly wire: Wire;
  connect(options?: ConnectOptions): Promise<Client>;
  /** A raw end of a pipe to the server; undefined for HTTP. */
  readonly pipe?: () => Pipe;
  /** The address of the server; undefined for pipes. */
  readonly url?: string;
  /** Raw HTTP to the server; undefined for pipes. */
  readonly fetch?: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** Serves `served` over one transport until `close`. */
export function hostServer(
  transport: TransportName,
  served: Served,
  options: HostOptions,
): Promise<Host> {
  const wire = createWireTap();
  if (transport === 'memory')
    return Promise.resolve(pipeHost(() => memoryPipes(), served, wire, options));
  if (transport === 'stdio') {
    return Promise.resolve(pipeHost(() => stdioPipes(options), served, wire, options));
  }
  if (transport === 'web') return Promise.resolve(webHost(served, wire, options));
  return httpHost(transport, served, wire, options);
}

function pipeHost(
  open: () => readonly [client: Pipe, server: Pipe],
  served: Served,
  wire: WireTap,
  { platform, limits }: HostOptions,
): Host {
  const serving = new Set<ServedPipe>();
  const pipe = (): Pipe => {
    const [ours, theirs] = open();
    const one = servePipe(served, theirs, {
      platform,
      limits: resolveLimits(limits),
      principal: { id: 'test' },
    });
    serving.add(one);
    void one.closed.then(() => serving.delete(one));
    return tapPipe(ours, wire);
  };
  return {
    wire,
    pipe,
    connect: (options) => connect(pipe(), { platform, ...options }),
    async close() {
      await Promise.all([...serving].map((one) => one.close()));
    },
  };
}

function stdioPipes({ platform, limits }: HostOptions): [client: Pipe, server: Pipe] {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const end = (stdin: PassThrough, stdout: PassThrough): Pipe => {
    const { clock } = platform;
    const pipe = stdioPipe({ stdin, stdout, limits: resolveLimits(limits), clock });
    return {
      ...pipe,
      // A process that ends takes its side of the streams with it.
      close: () => pipe.close().then(() => void stdout.end()),
    };
  };
  return [end(toClient, toServer), end(toServer, toClient)];
}

/** What tokens are for, at whatever port it is. */
function namedFor({ endpoint }: HostOptions): EndpointOptions {
  return endpoint?.auth === undefined ? {} : { publicUrl: 'http://127.0.0.1/mcp' };
}

function webHost(served: Served, wire: WireTap, options: HostOptions): Host {
  const { platform, limits = {} } = options;
  const endpoint = createEndpoint(served, {
    ...namedFor(options),
    ...options.endpoint,
    platform,
    limits,
  });
  const handle = fetchHandler(tapEndpoint(endpoint, wire), { clientAddress: 'unknown' });
  const fetch = fetchFrom(handle);
  const url = 'http://127.0.0.1/mcp';
  return {
    wire,
    url,
    fetch,
    connect: (more) => connect(url, { platform, fetch, ...more }),
    close: () => endpoint.close(0),
  };
}

async function httpHost(
  transport: 'http' | 'fetch' | 'http-sse',
  served: Served,
  wire: WireTap,
  options: HostOptions,
): Promise<Host> {
  const { platform, limits = {} } = options;
  const httpSse = transport === 'http-sse';
  const endpoint = createEndpoint(served, {
    ...namedFor(options),
    httpSse,
    ...options.endpoint,
    platform,
    limits,
  });
  const listening = await listenOnNode(tapEndpoint(endpoint, wire), {});
  const url = httpSse ? new URL('/sse', listening.url).href : listening.url;
  const { fetch } = globalThis;
  const own: ConnectOptions = transport === 'fetch' ? { platform, fetch } : { platform };
  return {
    wire,
    url,
    fetch,
    connect: (more) => connect(url, { ...own, ...more }),
    close: () => listening.close({ drainMs: 0 }),
  };
}

/** A fetch without a network, which ends when its signal aborts as any fetch does. */
function fetchFrom(handle: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    // Not the signal of the request, which hears nothing more once the request is collected.
    const signal = init?.signal ?? request.signal;
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => undefined);
    const response = await Promise.race([handle(request), aborted]);
    const body = response.body?.pipeThrough(new TransformStream(), { signal }) ?? null;
    return new Response(body, response);
  };
}
