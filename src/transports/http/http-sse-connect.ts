import { McpError } from '../../errors.js';
import type { Pipe, PipeReceiver } from '../../engine/pipe.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import { boundsForClient } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { bodyKind, readEvents } from './read-reply.js';
import { readRefusal } from './refusal.js';
import { createRequests, type Requests } from './requests.js';
import type { HttpSend } from './send.js';

export interface HttpSsePipeOptions {
  /** The address of the stream, often ending in `/sse`. */
  readonly url: string;
  readonly send: HttpSend;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly headers?: { readonly [name: string]: string };
}

/**
 * A client's pipe over HTTP+SSE (2024-11-05): one GET on which everything comes, and a POST address
 * that its first event names. Rejects when the server does not speak it.
 */
export async function httpSsePipe(options: HttpSsePipeOptions): Promise<Pipe> {
  const { limits, clock } = options;
  const requests = createRequests({ ...options, lingerMs: limits.lingerMs });
  // A stream that comes by GET need not be one of this transport, and name no endpoint.
  const stop = clock.after(limits.probeMs, () => requests.close());
  try {
    return await openPipe(requests, options);
  } catch (thrown) {
    requests.close();
    throw thrown;
  } finally {
    stop();
  }
}

async function openPipe(
  requests: Requests,
  { url, limits, headers }: HttpSsePipeOptions,
): Promise<Pipe> {
  const bounds = boundsForClient(limits);
  const response = await requests.send({
    method: 'GET',
    url,
    headers: { ...headers, accept: 'text/event-stream' },
  });
  if (response.status !== 200 || bodyKind(response) !== 'stream') {
    throw await readRefusal(response, limits);
  }
  let receiver: PipeReceiver | undefined;
  let address: string | undefined;
  let isClosed = false;
  let found = (_error?: McpError): void => undefined;
  const endpoint = new Promise<void>((resolve, reject) => {
    found = (error) => (error === undefined ? resolve() : reject(error));
  });
  const reading = readEvents(response, {
    bounds,
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
    receiver?.end(isClosed ? undefined : cause);
  };
  await endpoint;

  return {
    async send(message) {
      const posted = await requests.send({
        method: 'POST',
        url: address!,
        headers: { ...headers, 'content-type': 'application/json' },
        body: encodeMessage(message),
      });
      if (posted.status >= 400) throw await readRefusal(posted, limits);
      posted.discard();
    },
    start: (begun) => (receiver = begun),
    async close() {
      isClosed = true;
      requests.close();
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
