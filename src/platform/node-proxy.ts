import { request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { isLoopbackName } from './loopback.js';

type Environment = { readonly [name: string]: string | undefined };

/** The proxy that `url` is reached by, if any. */
export type ProxyFor = (url: URL) => URL | undefined;

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` as curl does; their twins in lower case win.
 * Loopback addresses are always reached directly: those of the proxy are of another machine.
 */
export function readProxies(env: Environment): ProxyFor | undefined {
  // A CGI program finds a header of its caller, "Proxy", in this variable.
  const ofHttp = env['REQUEST_METHOD'] === undefined ? 'HTTP_PROXY' : '';
  const http = proxyAt(env['http_proxy'] ?? env[ofHttp]);
  const https = proxyAt(env['https_proxy'] ?? env['HTTPS_PROXY']);
  if (http === undefined && https === undefined) return undefined;
  const except = readExceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http;
    return proxy === undefined || isLoopbackName(url.hostname.replace(/\.$/, '')) || except(url)
      ? undefined
      : proxy;
  };
}

function proxyAt(text: string | undefined): URL | undefined {
  const address = text?.trim() ?? '';
  if (address === '') return undefined;
  const full = address.includes('://') ? address : `http://${address}`;
  return new URL(URL.canParse(full) ? full : 'unknown://proxy');
}

/** `*`, or names separated by commas: each with all names below it, and perhaps with a port. */
function readExceptions(text: string): (url: URL) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  return ({ hostname, port, protocol }) => {
    const wanted = port === '' ? defaultPorts[protocol] : port;
    return entries.some((entry) => {
      if (entry === '*') return true;
      const [, host = '', ofPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? ['', entry];
      const name = host.replace(/^\*?\./, '');
      if (name === '' || (ofPort !== undefined && ofPort !== wanted)) return false;
      return hostname === name || hostname === `[${name}]` || hostname.endsWith(`.${name}`);
    });
  };
}

const defaultPorts: { readonly [protocol: string]: string } = { 'http:': '80', 'https:': '443' };

/** A request in the form that a proxy takes. */
export function byProxy(url: URL, proxy: URL): RequestOptions {
  const { host, username, password } = url;
  const auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    ...addressOf(proxy),
    ...(auth === ':' ? {} : { auth }),
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: { host, ...credentialsOf(proxy) },
  };
}

/** Connections to https servers, each through a tunnel that `proxy` opens. */
export function tunnelAgent(proxy: URL, connectMs: number, options: AgentOptions = {}): HttpsAgent {
  const agent = new HttpsAgent(options);
  const open = requestTo(proxy);
  const createConnection = (to: Target, done: Done): undefined => {
    const host = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
    const request = open({
      ...addressOf(proxy),
      method: 'CONNECT',
      path: host,
      headers: { host, ...credentialsOf(proxy) },
      agent: false,
      timeout: connectMs,
    });
    request.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) return done(null, connectTls({ ...to, socket }));
      socket.destroy();
      done(refusedBy(proxy, `answered with HTTP status ${statusCode}`));
    });
    request.once('response', ({ statusCode }) => {
      request.destroy(refusedBy(proxy, `answered with HTTP status ${statusCode}`));
    });
    request.once('timeout', () => request.destroy(refusedBy(proxy, 'does not answer')));
    request.once('error', (cause: NodeJS.ErrnoException) =>
      done(
        cause.code?.startsWith('ERR_PROXY') === true
          ? cause
          : refusedBy(proxy, `failed: ${cause.code}`),
      ),
    );
    request.end();
    return undefined;
  };
  return Object.assign(agent, { createConnection });
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly servername?: string;
}

type Done = (error: Error | null, socket?: Duplex) => void;

/** Sends to the proxy itself. */
export function requestTo(proxy: URL): typeof httpRequest {
  if (proxy.protocol === 'http:') return httpRequest;
  if (proxy.protocol === 'https:') return httpsRequest;
  throw refusedBy(proxy, 'is of a kind that is not known here: give one that begins with http://');
}

function addressOf({ hostname, port, protocol }: URL): RequestOptions {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: port === '' ? defaultPorts[protocol] : port };
}

function credentialsOf({ username, password }: URL): { [name: string]: string } {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Names the proxy without the password that its address may hold. */
function refusedBy({ host, protocol }: URL, why: string): Error {
  const error = new Error(`the proxy ${protocol}//${host} ${why}`);
  return Object.assign(error, { code: 'ERR_PROXY_REFUSED' });
}
