import type { Pipe } from '../engine/pipe.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Endpoint } from '../transports/http/endpoint.js';
import { textOf, type WireReply, type WireRequest, WrappedReply } from '../transports/http/wire.js';

export type Side = 'client' | 'server';

/** Something that crossed the wire: a message, or an HTTP answer without one. */
export interface WireFrame {
  readonly from: Side;
  /** As it was written, without its framing. */
  readonly text: string;
  /** The JSON in `text`; undefined when it is none. */
  readonly message: JsonObject | undefined;
  /** The HTTP status, on the first frame of an HTTP answer. */
  readonly status?: number;
}

/** What client and server said to each other, over whatever transport. */
export interface Wire {
  readonly frames: readonly WireFrame[];
  /** Everything that `from` has said, or both. */
  text(from?: Side): string;
  /** The messages of one side, with this method if one is given. */
  messages(from: Side, method?: string): readonly JsonObject[];
  /** Resolves with the first frame, past or to come, that `wanted` accepts. */
  until(wanted: (frame: WireFrame) => boolean): Promise<WireFrame>;
}

export interface WireTap extends Wire {
  record(from: Side, text: string, status?: number): void;
}

export function createWireTap(): WireTap {
  const frames: WireFrame[] = [];
  const watchers = new Set<(frame: WireFrame) => void>();
  return {
    frames,
    text: (from) =>
      frames
        .filter((frame) => from === undefined || frame.from === from)
        .map((frame) => frame.text)
        .join('\n'),
    messages: (from, method) =>
      frames.flatMap(({ from: side, message }) => {
        if (side !== from || message === undefined) return [];
        return method === undefined || message['method'] === method ? [message] : [];
      }),
    until: (wanted) =>
      new Promise((resolve) => {
        const seen = frames.find(wanted);
        if (seen !== undefined) return resolve(seen);
        const watch = (frame: WireFrame): void => {
          if (!wanted(frame)) return;
          watchers.delete(watch);
          resolve(frame);
        };
        watchers.add(watch);
      }),
    record(from, text, status) {
      const message = parse(text);
      const frame =
        status === undefined ? { from, text, message } : { from, text, message, status };
      frames.push(frame);
      for (const watch of [...watchers]) watch(frame);
    },
  };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The same pipe, of the client's end, with everything on it recorded. */
export function tapPipe(pipe: Pipe, wire: WireTap): Pipe {
  return {
    send(message) {
      wire.record('client', JSON.stringify(message));
      return pipe.send(message);
    },
    start: (receiver) =>
      pipe.start({
        receive(incoming) {
          wire.record('server', JSON.stringify(incoming));
          receiver.receive(incoming);
        },
        reject(failure) {
          wire.record('server', failure.error.message);
          receiver.reject(failure);
        },
        end: (cause) => receiver.end(cause),
      }),
    close: () => pipe.close(),
  };
}

/** The same endpoint, with all bodies and events recorded as they come and go. */
export function tapEndpoint(endpoint: Endpoint, wire: WireTap): Endpoint {
  return {
    ...endpoint,
    handle: (request, reply) =>
      endpoint.handle(new TappedRequest(request, wire), new TappedReply(reply, wire)),
  };
}

class TappedRequest implements WireRequest {
  readonly #request: WireRequest;
  readonly #wire: WireTap;

  constructor(request: WireRequest, wire: WireTap) {
    this.#request = request;
    this.#wire = wire;
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#request.target;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get remoteAddress(): string | undefined {
    return this.#request.remoteAddress;
  }

  async body(bytesMax: number): Promise<Uint8Array> {
    const bytes = await this.#request.body(bytesMax);
    this.#wire.record('client', new TextDecoder().decode(bytes));
    return bytes;
  }
}

class TappedReply extends WrappedReply {
  readonly #tap: WireTap;
  #status: number | undefined;

  constructor(reply: WireReply, tap: WireTap) {
    super(reply);
    this.#tap = tap;
  }

  override send(...[status, headers, body = '']: Parameters<WireReply['send']>): void {
    this.#tap.record('server', textOf(body), status);
    super.send(status, headers, body);
  }

  override open(...args: Parameters<WireReply['open']>): void {
    [this.#status] = args;
    super.open(...args);
  }

  override write(text: string): boolean {
    for (const event of text.split('\n\n')) {
      const data = event.split('\n').filter((line) => line.startsWith('data: '));
      const said = data.map((line) => line.slice('data: '.length)).join('\n');
      // Comments and priming events say nothing.
      if (said === '') continue;
      this.#tap.record('server', said, this.#status);
      this.#status = undefined;
    }
    return super.write(text);
  }
}
