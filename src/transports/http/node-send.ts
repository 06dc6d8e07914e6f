import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { McpError } from '../../errors.js';
import { type HttpAnswer, type HttpRequest, type HttpSend, unanswered } from './send.js';

// Shorter than what servers keep idle connections for (Node: 5 s): a request on a connection that
// is being closed fails without telling whether it was read.
const idleMs = 4000;

/** Sends by `node:http` over connections that are kept: a fraction of what global fetch costs. */
export function nodeSend(): HttpSend {
  const options = { keepAlive: true, scheduling: 'lifo', timeout: idleMs } as const;
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  const close = (): void => {
    http.destroy();
    https.destroy();
  };
  return Object.assign((request: HttpRequest) => sendOnce(request, http, https), { close });
}

function sendOnce(request: HttpRequest, http: HttpAgent, https: HttpsAgent): Promise<HttpAnswer> {
  const { url, method, body, signal } = request;
  const isTls = url.startsWith('https:');
  const headers: { [name: string]: string } = { ...request.headers };
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: isTls ? https : http };
    const sent = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
      resolve(asAnswer(response, stopListening));
    });
    const abort = (): void => void sent.destroy();
    const stopListening = (): void => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    sent.on('error', (cause) => {
      stopListening();
      reject(unanswered(url, cause));
    });
    sent.end(body);
    if (signal?.aborted === true) abort();
  });
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
        const broke = (): void => reject(new McpError('connectionClosed', 'The body broke off'));
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
        response.once('error', reject);
        response.once('close', broke);
      }),
  };
}
