import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint } from './endpoint.js';
import type { WireHeaders, WireReply } from './wire.js';

/** Bytes handed to a socket at once: what a slow reader takes is seen in steps of this. */
const pieceBytes = 64 * 1024;

// Connections that end with the answer that is being sent on them.
const ending = new WeakSet<Socket>();

/** Whether a connection ends with the answer that is being sent on it. */
export function isEnding(socket: Socket): boolean {
  return ending.has(socket);
}

/** Says that a connection ends with the answer that is being sent on it. */
export function endWithAnswer(socket: Socket): void {
  ending.add(socket);
}

/** The answer to one request of `node:http`. */
export class NodeReply implements WireReply {
  readonly #response: ServerResponse;
  readonly #endpoint: Endpoint;
  /** What the socket has not been given yet. */
  #rest: Buffer | undefined;
  #done = false;
  #begun = false;
  #takenAt = 0;
  #onDrain: ((isRoom: boolean) => void) | undefined;
  #seesDrain = false;

  constructor(response: ServerResponse, endpoint: Endpoint) {
    this.#response = response;
    this.#endpoint = endpoint;
    // A reader that goes makes the socket fail; there is nobody left to tell.
    response.on('error', () => undefined);
  }

  get vanished(): boolean {
    return this.#response.destroyed;
  }

  send(status: number, headers: WireHeaders, body = ''): void {
    const response = this.#response;
    if (this.#done || response.headersSent || response.destroyed) return;
    this.#done = true;
    // Not the answer's own socket: it has none yet while it waits behind another.
    if (headers['connection'] === 'close') endWithAnswer(response.req.socket);
    const bytes = Buffer.byteLength(body);
    // 204 has no body, and may not say so by a length (RFC 9110, section 8.6).
    const length = status === 204 ? {} : { 'content-length': String(bytes) };
    response.writeHead(status, { ...headers, ...length });
    if (bytes > pieceBytes) this.#give(Buffer.from(body));
    else response.end(body);
    this.#watchTheRest();
  }

  open(status: number, headers: WireHeaders): void {
    if (this.#done || this.#response.destroyed) return;
    this.#response.writeHead(status, headers);
    // Node keeps a head until something follows; here that may take long.
    process.nextTick(() => {
      if (!this.#begun && !this.#response.destroyed) this.#response.flushHeaders();
    });
  }

  write(text: string): boolean {
    this.#begun = true;
    if (this.#response.destroyed) return true;
    if (this.#rest === undefined && text.length <= pieceBytes) return this.#response.write(text);
    return this.#give(Buffer.from(text));
  }

  end(): void {
    this.#done = true;
    this.#begun = true;
    if (this.#rest === undefined) this.#response.end();
    this.#watchTheRest();
  }

  cut(): void {
    this.#response.destroy();
  }

  onDrain(listener: (isRoom: boolean) => void): void {
    this.#onDrain = listener;
    this.#seeDrain();
  }

  onVanish(listener: () => void): void {
    const tell = (): void => {
      if (!this.#done) listener();
    };
    // Who went while it was being asked who they are is not coming back to say so.
    if (this.vanished) queueMicrotask(tell);
    else this.#response.once('close', tell);
  }

  /** Hands over as much as there is room for; false while some is left. */
  #give(more: Buffer): boolean {
    this.#rest = this.#rest === undefined ? more : Buffer.concat([this.#rest, more]);
    this.#seeDrain();
    return this.#giveRest();
  }

  #giveRest(): boolean {
    const response = this.#response;
    let isRoom = true;
    while (this.#rest !== undefined && isRoom) {
      const piece = this.#rest.subarray(0, pieceBytes);
      this.#rest = this.#rest.length > pieceBytes ? this.#rest.subarray(pieceBytes) : undefined;
      isRoom = response.write(piece);
      if (this.#rest === undefined && this.#done) response.end();
    }
    return isRoom && this.#rest === undefined;
  }

  #seeDrain(): void {
    if (this.#seesDrain) return;
    this.#seesDrain = true;
    this.#response.on('drain', () => {
      this.#takenAt = this.#endpoint.platform.clock.now();
      const isRoom = this.#giveRest();
      this.#onDrain?.(isRoom);
    });
  }

  /** Cuts a reader that takes nothing of an answer which is complete: it holds memory for ever. */
  #watchTheRest(): void {
    const response = this.#response;
    const { clock } = this.#endpoint.platform;
    const { slowReaderMs } = this.#endpoint.limits;
    if (this.#rest === undefined && response.socket?.writableLength === 0) return;
    this.#takenAt = clock.now();
    const look = (): void => {
      // One that waits behind another answer is not the reader's to take yet.
      if (response.socket === null) this.#takenAt = clock.now();
      const idleMs = clock.now() - this.#takenAt;
      if (idleMs >= slowReaderMs) return this.cut();
      stop = clock.after(slowReaderMs - idleMs, look);
    };
    let stop = clock.after(slowReaderMs, look);
    response.once('close', () => stop());
  }
}
