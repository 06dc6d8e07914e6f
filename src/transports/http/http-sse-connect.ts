import { McpError } from '../../errors.js';
import type { Pipe, PipeReceiver } from '../../engine/pipe.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import type { Limits } from '../../limits.js';
import { bodyKind, clientBounds, readEvents } from './read-reply.js';
import { refusalOf } from './refusal.js';
import type { HttpSend } from './send.js';

export interface HttpSsePipeOptions {
  /** The address of the stream, often ending in `/sse`. */
  readonly url: string;
  readonly send: HttpSend;
  readonly limits: Limits;
  readonly headers?: { readonly [name: string]: string };
}

/**
 * A client's pipe over HTTP+SSE (2024-11-05): one GET on which everything comes, and a POST address
 * that its first event names. Rejects when the server does not speak it.
 */
export async function httpSsePipe(options: HttpSsePipeOptions): Promise<Pipe> {
  const { url, send, limits, headers } = options;
  const stopper = new AbortController();
  const { signal } = stopper;
  const request = {
    method: 'GET',
    url,
    headers: { ...headers, accept: 'text/event-stream' },
  } as const;
  const response = await send({ ...request, signal });
  if (response.status !== 200 || bodyKind(response) !== 'stream') {
    response.discard();
    throw refusalOf(response);
  }
  let receiver: PipeReceiver | undefined;
  let address: string | undefined;
  let found = (_error?: McpError): void => undefined;
  const endpoint = new Promise<void>((resolve, reject) => {
    found = (error) => (error === undefined ? resolve() : reject(error));
  });
  const reading = readEvents(response, {
    bounds: clientBounds(limits),
    onMessage: (message) => receiver?.receive(message),
    onOtherEvent(type, data) {
      if (type !== 'endpoint' || address !== undefined) return;
      address = sameOrigin(url, data);
      found(address === undefined ? elsewhere(data) : undefined);
    },
  });
  void reading.then(
    () => end(),
    (cause: unknown) => end(new McpError('connectionClosed', 'The stream broke off', { cause })),
  );
  const end = (cause?: McpError): void => {
    found(
      cause ?? new McpError('connectionFailed', 'The stream ended before it named its endpoint'),
    );
    receiver?.end(signal.aborted ? undefined : cause);
  };
  await endpoint;

  return {
    async send(message) {
      const posted = await send({
        method: 'POST',
        url: address!,
        headers: { ...headers, 'content-type': 'application/json' },
        body: encodeMessage(message),
        signal,
      });
      posted.discard();
      if (posted.status >= 400) throw refusalOf(posted);
    },
    start: (begun) => (receiver = begun),
    async close() {
      stopper.abort();
      await reading.catch(() => undefined);
    },
  };
}

/** The address for messages, which must be on the stream's own origin: it gets our credentials. */
function sameOrigin(url: string, endpoint: string): string | undefined {
  if (!URL.canParse(endpoint, url)) return undefined;
  const target = new URL(endpoint, url);
  return target.origin === new URL(url).origin ? target.href : undefined;
}

function elsewhere(endpoint: string): McpError {
  const where = endpoint.slice(0, 200);
  return new McpError('badResponse', `The server names an endpoint of another origin: ${where}`);
}
