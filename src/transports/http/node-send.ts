import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { McpError } from '../../errors.js';
import { defaultLimits } from '../../limits.js';
import { byProxy, readProxies, requestTo, tunnelAgent } from '../../platform/node-proxy.js';
import { type HttpAnswer, type HttpRequest, type HttpSend, unanswered } from './send.js';

// Shorter than what servers keep idle connections for (Node: 5 s): a request on a connection that
// is being closed fails without telling whether it was read.
const idleMs = 4000;

/**
 * Sends by `node:http` over connections that are kept: a fraction of what global fetch costs. Goes
 * by the proxies that `env` names.
 */
export function nodeSend(env: NodeJS.ProcessEnv = process.env): HttpSend {
  const options = { keepAlive: true, scheduling: 'lifo', timeout: idleMs } as const;
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  const { proxyConnectMs } = defaultLimits;
  const tunnels = new Map<string, HttpsAgent>();
  const close = (): void => {
    for (const agent of [http, https, ...tunnels.values()]) agent.destroy();
  };
  const proxyFor = readProxies(env);
  // All requests of a connection have the same address, which is read once.
  let last = { url: '', isHttps: false, parts: {} as RequestOptions };
  const direct: Open = (url, { method, headers }, onAnswer) => {
    if (url !== last.url) {
      const isHttps = url.startsWith('https:');
      const agent = isHttps ? https : http;
      // All that is said here is copied for each request, several times.
      const { protocol, hostname, port, path, auth } = urlToHttpOptions(new URL(url));
      last = { url, isHttps, parts: { protocol, hostname, port, path, auth, agent } };
    }
    const open = last.isHttps ? httpsRequest : httpRequest;
    return open({ ...last.parts, method, headers }, onAnswer);
  };
  const open: Open = (url, parts, onAnswer) => {
    const target = new URL(url);
    const proxy = proxyFor?.(target);
    if (proxy === undefined) return direct(url, parts, onAnswer);
    if (target.protocol === 'https:') {
      // As many as there are proxies in the environment: one.
      const agent = tunnels.get(proxy.href) ?? tunnelAgent(proxy, proxyConnectMs, options);
      tunnels.set(proxy.href, agent);
      return httpsRequest(url, { ...parts, agent }, onAnswer);
    }
    const way = byProxy(target, proxy);
    const headers = { ...parts.headers, ...way.headers };
    const agent = proxy.protocol === 'https:' ? https : http;
    return requestTo(proxy)({ ...way, method: parts.method, headers, agent }, onAnswer);
  };
  const use = proxyFor === undefined ? direct : open;
  return Object.assign((request: HttpRequest) => sendOnce(request, use), { close });
}

/** Opens a request on the way to its server. */
type Open = (
  url: string,
  parts: { readonly method: string; readonly headers: { readonly [name: string]: string } },
  onAnswer: (response: IncomingMessage) => void,
) => ClientRequest;

/** Of those that may come before the answer, 100 to 199; no honest server sends more than a few. */
const interimAnswersMax = 16;

function sendOnce(request: HttpRequest, open: Open): Promise<HttpAnswer> {
  const { url, method, body, signal } = request;
  const headers: { [name: string]: string } = { ...request.headers };
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      sent.end();
      const answer = asAnswer(response, stopListening);
      const coding = answer.header('content-encoding') ?? 'identity';
      if (coding.toLowerCase() === 'identity') return resolve(answer);
      response.destroy();
      reject(encoded(url, coding));
    };
    let sent: ClientRequest;
    try {
      sent = open(url, { method, headers }, onResponse);
    } catch (cause) {
      return reject(unanswered(url, cause));
    }
    const abort = (): void => void sent.destroy();
    const stopListening = (): void => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    // Without a listener such an answer ends the connection and, on some versions, nothing else.
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      stopListening();
      reject(unanswered(url, undefined));
    });
    let interim = 0;
    sent.on('information', () => {
      if (++interim > interimAnswersMax) sent.destroy();
    });
    sent.on('error', (cause) => {
      stopListening();
      reject(unanswered(url, cause));
    });
    // Ended at once, it would leave in two pieces by writev, which costs far more than one write.
    if (body === undefined) sent.end();
    else sent.write(body);
    if (signal?.aborted === true) abort();
  });
}

function encoded(url: string, coding: string): McpError {
  const { origin } = new URL(url);
  const shown = JSON.stringify(coding.slice(0, 40));
  return new McpError(
    'badResponse',
    `${origin} sent a body in the coding ${shown}, which was not asked for: switch it off there`,
  );
}

function asAnswer(response: IncomingMessage, over: () => void): HttpAnswer {
  response.once('close', over);
  return {
    status: response.statusCode ?? 0,
    header(name) {
      const value = response.headers[name];
      return typeof value === 'object' ? value.join(', ') : value;
    },
    read: (onChunk) =>
      new Promise((resolve, reject) => {
        const broke = (cause?: Error): void =>
          reject(new McpError('connectionClosed', 'The body broke off', { cause }));
        const closed = (): void => {
          // After its end, which is the rule, an error would be made for nobody.
          if (!response.readableEnded) broke();
        };
        if (response.destroyed) return broke();
        response.on('data', (chunk: Buffer) => {
          try {
            onChunk(chunk);
          } catch (thrown) {
            response.destroy();
            reject(thrown);
          }
        });
        response.once('end', resolve);
        response.once('error', broke);
        response.once('close', closed);
      }),
  };
}
