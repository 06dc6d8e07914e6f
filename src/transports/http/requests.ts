import { Cancellation } from '../../engine/cancelling.js';
import { type Linked, LinkedList } from '../../engine/linked-list.js';
import type { McpError } from '../../errors.js';
import type { Clock } from '../../platform/clock.js';
import type { HttpAnswer, HttpRequest, HttpSend } from './send.js';

export interface HttpResponse extends HttpAnswer {
  /**
   * Nobody wants the rest of the body, also of one that is being read. It may end by itself, so
   * that its connection can be used again; one that goes on is cut.
   */
  discard(): void;
  /** Calls `listener` as soon as nothing more is wanted of the body, or nothing more comes. */
  whenOver(listener: () => void): void;
  /** Ends the body now: whoever reads it is told that it broke off. */
  cut(): void;
}

/** The requests of one connection. None of them outlives it, or its use for long. */
export interface Requests {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Cuts what is under way, for `reason`, and lets go of the connections that are kept. */
  close(reason?: McpError): void;
}

export interface RequestsOptions {
  readonly send: HttpSend;
  readonly clock: Clock;
  /** How long a discarded body may go on, in ms. */
  readonly lingerMs: number;
}

export function createRequests(options: RequestsOptions): Requests {
  const open = new LinkedList<OpenRequest>();
  return {
    send: (request) => new OpenRequest(request, options, open).send(),
    close(reason) {
      for (const request of open) request.cutFor(reason);
      options.send.close?.();
    },
  };
}

// A few compressed bytes can stand for any number: what a server sends is as large as it looks.
const plainBodies = { 'accept-encoding': 'identity' } as const;

class OpenRequest implements HttpResponse, Linked<OpenRequest> {
  previous: OpenRequest | undefined;
  next: OpenRequest | undefined;
  readonly #request: HttpRequest;
  readonly #options: RequestsOptions;
  readonly #open: LinkedList<OpenRequest>;
  #isOpen = false;
  readonly #cancellation = new Cancellation();
  #answer: HttpAnswer | undefined;
  #isRead = false;
  #stopLinger: (() => void) | undefined;
  #onOver: (() => void) | undefined;

  constructor(request: HttpRequest, options: RequestsOptions, open: LinkedList<OpenRequest>) {
    this.#request = request;
    this.#options = options;
    this.#open = open;
  }

  get status(): number {
    return this.#answer!.status;
  }

  header(name: string): string | undefined {
    return this.#answer!.header(name);
  }

  async send(): Promise<HttpResponse> {
    const { signal: caller, headers, method, url, body } = this.#request;
    this.#open.add(this);
    this.#isOpen = true;
    caller?.addEventListener('abort', this, { once: true });
    if (caller?.aborted === true) this.cut();
    try {
      this.#answer = await this.#options.send({
        method,
        url,
        headers: { ...headers, ...plainBodies },
        ...(body === undefined ? {} : { body }),
        signal: this.#cancellation,
      });
      return this;
    } catch (thrown) {
      this.#end();
      throw thrown;
    }
  }

  async read(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    this.#isRead = true;
    try {
      await this.#answer!.read(onChunk);
    } finally {
      this.#end();
    }
  }

  discard(): void {
    if (!this.#isOpen || this.#stopLinger !== undefined) return;
    const { clock, lingerMs } = this.#options;
    this.#stopLinger = clock.after(lingerMs, () => this.cut());
    // What breaks off now is missed by nobody.
    if (!this.#isRead) void this.read(() => undefined).catch(() => undefined);
  }

  cut(): void {
    this.cutFor(this.#request.signal?.reason);
  }

  /** The caller gives it up. */
  handleEvent(): void {
    this.cut();
  }

  cutFor(reason: unknown): void {
    this.#end();
    this.#cancellation.abort(reason);
  }

  whenOver(listener: () => void): void {
    this.#onOver = listener;
  }

  #end(): void {
    this.#onOver?.();
    this.#open.delete(this);
    this.#isOpen = false;
    this.#stopLinger?.();
    this.#request.signal?.removeEventListener('abort', this);
  }
}
