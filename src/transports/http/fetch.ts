import { McpError } from '../../errors.js';
import { type ByteList, createByteList } from '../byte-list.js';
import { type BodyPace, watchBodyPace } from './body-pace.js';
import type { Endpoint } from './endpoint.js';
import { FetchReply } from './fetch-reply.js';
import { sendReply } from './reply-headers.js';
import { bodyWasRead, type WireRequest } from './wire.js';

/** What a runtime gives its `fetch` function beside the request. */
export interface FetchHandlerOptions<Context extends readonly unknown[] = []> {
  /**
   * The address of the client, or of the proxy that the endpoint trusts, as the runtime tells it:
   * never what the client says in a header. Only a private endpoint does without: by it guesses of
   * tokens, and strangers, are counted. `unknown`: somebody before this server does that.
   */
  readonly clientAddress?:
    | ((request: Request, ...context: Context) => string | undefined)
    | 'unknown';
}

/**
 * The `fetch` function of an endpoint, for runtimes and frameworks that speak web `Request` and
 * `Response`. Every guard on requests holds; what only a listener can do (slow clients, connection
 * counts, duplicate headers) is the host's to provide. Throws a RangeError where clients of a
 * public endpoint could not be told apart, and nobody said that they need not be.
 */
export function fetchHandler<Context extends readonly unknown[] = []>(
  endpoint: Endpoint,
  options: FetchHandlerOptions<Context> = {},
): (request: Request, ...context: Context) => Promise<Response> {
  const { clientAddress } = options;
  if (clientAddress === undefined && !endpoint.isPrivate) throw noAddress();
  const addressOf = clientAddress === 'unknown' ? undefined : clientAddress;
  return (request, ...context) =>
    new Promise((resolve) => {
      const reply = new FetchReply(resolve, request.signal);
      try {
        const address = addressOf?.(request, ...context);
        void endpoint.handle(new FetchRequest(request, endpoint, address), reply);
      } catch (thrown) {
        sendReply(reply, endpoint.refuse(McpError.from(thrown)));
      }
    });
}

function noAddress(): RangeError {
  return new RangeError(
    'fetchHandler: give clientAddress, a function that tells the address of a client as your ' +
      "runtime knows it; or 'unknown', where guesses of tokens are counted before this server",
  );
}

class FetchRequest implements WireRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly httpVersion = '1.1';
  readonly remoteAddress: string | undefined;
  readonly #request: Request;
  readonly #endpoint: Endpoint;

  constructor(request: Request, endpoint: Endpoint, remoteAddress: string | undefined) {
    const { url } = request;
    // A request has no other URL than one that was parsed, with a host and a path.
    const host = url.indexOf('://') + 3;
    const path = url.indexOf('/', host);
    const headers: string[] = [];
    request.headers.forEach((value, name) => void headers.push(name, value));
    // Some runtimes keep Host out of the headers; what they routed by is in the URL.
    if (!request.headers.has('host')) headers.push('host', url.slice(host, path));
    this.method = request.method;
    // As it stands there: a URL object does not tell `/mcp?` from `/mcp`.
    this.target = url.slice(path);
    this.rawHeaders = headers;
    this.remoteAddress = remoteAddress;
    this.#request = request;
    this.#endpoint = endpoint;
  }

  async body(bytesMax: number): Promise<Uint8Array> {
    if (this.#request.bodyUsed) throw bodyWasRead();
    const reader = this.#request.body?.getReader();
    if (reader === undefined) return new Uint8Array();
    let slow: McpError | undefined;
    const { platform, limits } = this.#endpoint;
    const pace = watchBodyPace(platform.clock, limits, (error) => {
      slow = error;
      void reader.cancel().catch(() => undefined);
    });
    try {
      const body = await readAll(reader, bytesMax, pace);
      if (slow !== undefined) throw slow;
      return body;
    } finally {
      pace.stop();
    }
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
  pace: BodyPace,
): Promise<Uint8Array> {
  // Most bodies come in one piece, and need no list.
  let first: Uint8Array | undefined;
  let list: ByteList | undefined;
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new McpError('connectionClosed', 'The client went away', { cause });
    });
    if (done) return list?.take() ?? first ?? new Uint8Array();
    length += value.length;
    pace.took(value.length);
    if (length > bytesMax) {
      void reader.cancel().catch(() => undefined);
      throw new McpError('tooLarge', `A message may have ${bytesMax} bytes`);
    }
    if (first === undefined) {
      first = value;
      continue;
    }
    if (list === undefined) (list = createByteList()).append(first);
    list.append(value);
  }
}
