import { readFile } from 'node:fs/promises';
import { McpError } from '../../errors.js';
import { isLoopbackHost } from '../../platform/loopback.js';
import { quietly } from '../../platform/quietly.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointOptions } from './endpoint-options.js';
import { bind, portOf } from './node-bind.js';
import { type Connections, createConnections, tooFewFiles } from './node-connections.js';
import { createListener, type Listener } from './node-listener.js';
import type { Certificate, CertificateOptions, TlsFiles } from './node-tls.js';
import { serveOnNode, watchLoadOfNode } from './node.js';

export interface ListenOptions extends EndpointOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /**
   * By default this machine only: 127.0.0.1 and ::1. Anything else needs `auth`, a name
   * (`allowedHosts` or `publicUrl`), and `tls` or the `trustedProxies` that end TLS.
   */
  readonly host?: string;
  /** Serves https by itself. Renewed files are taken up without a restart. */
  readonly tls?: TlsFiles;
  /**
   * Dangerous: lets a public address be served without TLS and without a proxy that ends it. All
   * that passes, tokens too, can then be read and changed on the way.
   */
  readonly dangerouslyAllowPlainHttp?: boolean;
}

export interface Listening {
  /** The address of the endpoint, path included. */
  readonly url: string;
  readonly port: number;
  /**
   * Refuses what comes, lets calls finish for up to `drainMs`, then closes everything. More calls
   * wait for the same end.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Listens for an endpoint. Rejects when the address is taken, or public without its guards. */
export async function listenOnNode(endpoint: Endpoint, options: ListenOptions): Promise<Listening> {
  refusePublicBind(options);
  const { host, tls, path = '/mcp' } = options;
  const { limits, platform } = endpoint;
  const onError = (error: McpError): void => quietly(() => options.onError?.(error));
  const connections = createConnections(limits, endpoint.proxies);
  const { clock } = platform;
  const certificate =
    tls && (await openCertificate(tls, { clock, reloadMs: limits.tlsReloadMs, onError }));
  const create = (): Listener => listenerFor(endpoint, connections, certificate);
  const servers = await bind(create, options.port ?? 0, host);
  const port = portOf(servers[0]!);
  watchLoadOfNode(endpoint);
  const scheme = certificate === undefined ? 'http' : 'https';
  endpoint.ownOrigins(originsAt(scheme, port, options));
  certificate?.renewOn(servers.filter((server) => 'setSecureContext' in server));
  for (const server of servers) {
    server.on('error', (cause) => onError(new McpError('internal', 'Listening failed', { cause })));
  }
  const fewFiles = tooFewFiles(await readProcLimits(), limits.connectionsMax);
  if (fewFiles !== undefined) onError(fewFiles);
  const name = host?.includes(':') ? `[${host}]` : (host ?? '127.0.0.1');
  let closed: Promise<void> | undefined;
  return {
    url: `${scheme}://${name}:${port}${path}`,
    port,
    close({ drainMs } = {}) {
      certificate?.stop();
      return (closed ??= endpoint.close(drainMs).then(() => closeAll(servers, connections)));
    },
  };
}

/** Node's modules for TLS are loaded where it is used: nobody else waits for them. */
async function openCertificate(files: TlsFiles, options: CertificateOptions): Promise<Certificate> {
  return (await import('./node-tls.js')).openCertificate(files, options);
}

/** Of this machine, and of the names that were given: each at one port only. */
function originsAt(
  scheme: string,
  port: number,
  { allowedHosts = [], trustedProxies = [] }: ListenOptions,
): readonly string[] {
  const local = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${scheme}://${name}:${port}`);
  const isProxied = trustedProxies.length > 0;
  const named = allowedHosts.map((host) => {
    if (isProxied) return `https://${host}`;
    return `${scheme}://${/:[0-9]+$/.test(host) ? host : `${host}:${port}`}`;
  });
  // An origin does not name the port that is its scheme's own.
  return [...local, ...named].map((text) => new URL(text).origin);
}

function listenerFor(
  endpoint: Endpoint,
  connections: Connections,
  certificate: Certificate | undefined,
): Listener {
  const server = createListener({
    limits: endpoint.limits,
    clock: endpoint.platform.clock,
    certificate,
    refuse: (error) => endpoint.refuse(error),
    serve(request, response, awaitsContinue) {
      const ready = awaitsContinue ? () => response.writeContinue() : undefined;
      serveOnNode(endpoint, request, response, ready, true);
    },
  });
  connections.guard(server);
  return server;
}

/** Calls that finished needed answers and cancellations until now, on whatever connection. */
async function closeAll(servers: readonly Listener[], connections: Connections): Promise<void> {
  const ends = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const server of servers) server.closeIdleConnections();
  // What is still open after the drain has had its last words.
  const timer = setTimeout(() => connections.cutAll(), 100).unref();
  await Promise.all(ends);
  clearTimeout(timer);
}

function refusePublicBind(options: ListenOptions): void {
  const { host, auth, publicUrl, allowedHosts = [], tls, trustedProxies = [] } = options;
  if (host === undefined || isLoopbackHost(host)) return;
  const isNamed = publicUrl !== undefined || allowedHosts.length > 0;
  const isSealed = tls !== undefined || trustedProxies.length > 0;
  const missing = [
    ...(auth === undefined ? ['auth (who is calling)'] : []),
    ...(isNamed ? [] : ['allowedHosts or publicUrl (under which name)']),
    ...(isSealed || options.dangerouslyAllowPlainHttp === true
      ? []
      : ['tls (or trustedProxies, where a proxy ends TLS)']),
  ];
  if (missing.length === 0) return;
  throw new McpError(
    'forbidden',
    `Refusing to listen on ${host}, where others can reach this server. ` +
      `Give ${missing.join(', and ')}; or listen on 127.0.0.1`,
  );
}

/** What the system grants this process; empty where it does not say so. */
async function readProcLimits(): Promise<string> {
  if (process.platform !== 'linux') return '';
  return readFile('/proc/self/limits', 'utf8').catch(() => '');
}
