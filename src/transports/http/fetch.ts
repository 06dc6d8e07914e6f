import { McpError } from '../../errors.js';
import type { Clock } from '../../platform/clock.js';
import type { Endpoint } from './endpoint.js';
import type { WireHeaders, WireReply, WireRequest } from './wire.js';

/**
 * The `fetch` function of an endpoint, for runtimes and frameworks that speak web `Request` and
 * `Response`. Every guard on requests holds; what only a listener can do (slow clients, connection
 * counts, duplicate headers) is the host's to provide.
 */
export function fetchHandler(endpoint: Endpoint): (request: Request) => Promise<Response> {
  return (request) =>
    new Promise((resolve) => {
      const reply = new FetchReply(resolve, request.signal);
      const { clock } = endpoint.platform;
      void endpoint.handle(new FetchRequest(request, endpoint.limits.bodyMs, clock), reply);
    });
}

class FetchRequest implements WireRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly httpVersion = '1.1';
  // The web's Request does not say; who needs it asks the runtime in `verify`.
  readonly remoteAddress = undefined;
  readonly #request: Request;
  readonly #bodyMs: number;
  readonly #clock: Clock;

  constructor(request: Request, bodyMs: number, clock: Clock) {
    const url = new URL(request.url);
    const headers = [...request.headers];
    // Some runtimes keep Host out of the headers; what they routed by is in the URL.
    if (!request.headers.has('host')) headers.push(['host', url.host]);
    this.method = request.method;
    // As it stands there: a URL object does not tell `/mcp?` from `/mcp`.
    this.target = request.url.slice(url.origin.length);
    this.rawHeaders = headers.flat();
    this.#request = request;
    this.#bodyMs = bodyMs;
    this.#clock = clock;
  }

  async body(bytesMax: number): Promise<Uint8Array> {
    if (this.#request.bodyUsed) {
      const text = 'The body was read already: mount this handler before any body parser';
      throw new McpError('internal', 'Internal error', { cause: new TypeError(text) });
    }
    const reader = this.#request.body?.getReader();
    if (reader === undefined) return new Uint8Array();
    let tooSlow = false;
    const stop = this.#clock.after(this.#bodyMs, () => {
      tooSlow = true;
      void reader.cancel().catch(() => undefined);
    });
    try {
      const body = await readAll(reader, bytesMax);
      if (tooSlow) throw new McpError('requestTooSlow', 'The body took too long');
      return body;
    } finally {
      stop();
    }
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new McpError('connectionClosed', 'The client went away', { cause });
    });
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      void reader.cancel().catch(() => undefined);
      throw new McpError('tooLarge', `A message may have ${bytesMax} bytes`);
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

const streamBytesWaiting = 64 * 1024;

class FetchReply implements WireReply {
  readonly #answer: (response: Response) => void;
  readonly #encoder = new TextEncoder();
  readonly #vanishListeners: (() => void)[] = [];
  #drain: ((isRoom: boolean) => void) | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #done = false;
  vanished: boolean;

  constructor(answer: (response: Response) => void, signal: AbortSignal) {
    this.#answer = answer;
    this.vanished = signal.aborted;
    signal.addEventListener('abort', () => this.#vanish(), { once: true });
  }

  send(status: number, headers: WireHeaders, body?: string): void {
    if (this.#done) return;
    this.#done = true;
    // An empty body and none at all differ for 204.
    this.#answer(new Response(body === '' ? null : (body ?? null), { status, headers }));
  }

  open(status: number, headers: WireHeaders): void {
    if (this.#done) return;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#drain?.(true),
        cancel: () => this.#vanish(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: streamBytesWaiting }),
    );
    this.#answer(new Response(stream, { status, headers }));
  }

  write(text: string): boolean {
    if (this.#controller === undefined || this.#done || this.vanished) return true;
    this.#controller.enqueue(this.#encoder.encode(text));
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  end(): void {
    if (this.#done || this.vanished) return;
    this.#done = true;
    this.#controller?.close();
  }

  cut(): void {
    this.#controller?.error(new McpError('connectionClosed', 'The reader took nothing'));
    this.#vanish();
  }

  onDrain(listener: (isRoom: boolean) => void): void {
    this.#drain = listener;
  }

  onVanish(listener: () => void): void {
    // Who went while it was being asked who they are is not coming back to say so.
    if (this.vanished) queueMicrotask(listener);
    else this.#vanishListeners.push(listener);
  }

  #vanish(): void {
    if (this.#done || this.vanished) return;
    this.vanished = true;
    for (const listener of this.#vanishListeners) listener();
  }
}
