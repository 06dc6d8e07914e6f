import { McpError } from '../../errors.js';
import { emptyHeaders } from './reply-headers.js';
import { textOf, type WireBody, type WireHeaders, type WireReply } from './wire.js';

const streamBytesWaiting = 64 * 1024;
const encoder = new TextEncoder();

/** The answer to one web request; `answer` gets its head, and the body as a stream. */
export class FetchReply implements WireReply {
  readonly #answer: (response: Response) => void;
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

  send(status: number, headers: WireHeaders, body: WireBody = ''): void {
    if (this.#done) return;
    this.#done = true;
    // An empty body and none at all differ for 204.
    this.#answer(new Response(body === '' ? null : textOf(body), { status, headers }));
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
    this.#controller.enqueue(encoder.encode(text));
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  end(): void {
    if (this.#done || this.vanished) return;
    this.#done = true;
    this.#controller?.close();
  }

  cut(): void {
    this.#vanish();
    // Who still waits for the head gets one, or would wait for ever.
    if (this.#controller === undefined) this.send(503, emptyHeaders);
    else this.#controller.error(new McpError('connectionClosed', 'The reader took nothing'));
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
