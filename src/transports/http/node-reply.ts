import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { McpError } from '../../errors.js';
import type { Endpoint } from './endpoint.js';
import { sendTogether } from './node-together.js';
import type { WireBody, WireHeaders, WireReply } from './wire.js';

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

/** What Node takes the quickest: names and values in turn. Those of most answers never change. */
function linesOf(headers: WireHeaders, size: string | undefined): string[] {
  let lines = known.get(headers);
  if (lines === undefined) {
    lines = Object.keys(headers).flatMap((name) => [name, headers[name]!]);
    if (Object.isFrozen(headers)) known.set(headers, lines);
  }
  return size === undefined ? lines : [...lines, 'content-length', size];
}

const known = new WeakMap<WireHeaders, string[]>();

/** Who looks at headers on their way takes the place of this, and may know them by name only. */
function headOf(
  response: ServerResponse,
  headers: WireHeaders,
  size: string | undefined,
): string[] | WireHeaders {
  // Looked up here and not before: a bundle for a page may carry this module along.
  const isNodes = response.writeHead === ServerResponse.prototype.writeHead;
  if (isNodes) return linesOf(headers, size);
  return size === undefined ? headers : { ...headers, 'content-length': size };
}

/** A short text as it is, a long one as what is handed over piece by piece. */
function partsOf(body: WireBody): string | readonly Uint8Array[] {
  if (typeof body !== 'string') return [Buffer.from(body.before), body.shared];
  return body.length > pieceBytes ? [Buffer.from(body)] : body;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

const nothing: readonly Uint8Array[] = [];
const noHeaders: IncomingHttpHeaders = Object.freeze({});

/** They were read, and a stream may be silent for long. */
function forgetHeaders(request: IncomingMessage): void {
  request.headers = noHeaders;
  request.rawHeaders = [];
}

function begin(reply: NodeReply): void {
  reply.begin();
}

const ignore = (): void => undefined;

/** The answer to one request of `node:http`. */
export class NodeReply implements WireReply {
  readonly #response: ServerResponse;
  readonly #endpoint: Endpoint;
  readonly #isOurs: boolean;
  /** What the socket has not been given yet. */
  #rest: readonly Uint8Array[] = nothing;
  /** Of a stream whose first turn is not over, with what was written in that. */
  #opening: { readonly status: number; readonly headers: WireHeaders; text: string } | undefined;
  #done = false;
  #takenAt = 0;
  #onDrain: ((isRoom: boolean) => void) | undefined;
  #seesDrain = false;

  /** `isOurs`: nobody else looks at the request, now or later. */
  constructor(response: ServerResponse, endpoint: Endpoint, isOurs = false) {
    this.#response = response;
    this.#endpoint = endpoint;
    this.#isOurs = isOurs;
    // A reader that goes makes the socket fail; there is nobody left to tell.
    response.on('error', ignore);
  }

  get vanished(): boolean {
    return this.#response.destroyed;
  }

  send(status: number, headers: WireHeaders, body: WireBody = ''): void {
    const response = this.#response;
    const isBegun = this.#done || this.#opening !== undefined;
    if (isBegun || response.headersSent || response.destroyed) return;
    this.#done = true;
    // A refusal may end its connection, on which more has come already: it does not wait.
    if (status !== 200) return this.#send(status, headers, body);
    // So many gain all that there is to gain; more would keep the first ones waiting.
    this.#sendTogether(status, headers, body);
  }

  #sendTogether(status: number, headers: WireHeaders, body: WireBody): void {
    const send = (): void => this.#orCut(() => this.#send(status, headers, body));
    sendTogether(send, this.#endpoint.limits);
  }

  /** What fails where nobody is left to whom it could be thrown. */
  #orCut(send: () => void): void {
    try {
      send();
    } catch (cause) {
      this.#endpoint.refuse(new McpError('internal', 'The answer could not be sent', { cause }));
      this.cut();
    }
  }

  #send(status: number, headers: WireHeaders, body: WireBody): void {
    const response = this.#response;
    // Somebody else may have answered meanwhile.
    if (response.headersSent || response.destroyed) return;
    // Not the answer's own socket: it has none yet while it waits behind another.
    if (headers['connection'] === 'close') endWithAnswer(response.req.socket);
    const parts = partsOf(body);
    const length = typeof parts === 'string' ? Buffer.byteLength(parts) : lengthOf(parts);
    // 204 has no body, and may not say so by a length (RFC 9110, section 8.6).
    const size = status === 204 ? undefined : `${length}`;
    response.writeHead(status, headOf(response, headers, size));
    if (typeof parts === 'string') response.end(parts);
    else this.#give(...parts);
    this.#watchTheRest();
  }

  open(status: number, headers: WireHeaders): void {
    if (this.#done || this.#opening !== undefined || this.#response.destroyed) return;
    this.#opening = { status, headers, text: '' };
    process.nextTick(begin, this);
  }

  /** Once what follows its opening at once is known: often that is all there is of a stream. */
  begin(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    // Somebody else may have answered meanwhile.
    if (opening === undefined || this.#response.destroyed || this.#response.headersSent) return;
    const { status, headers, text } = opening;
    if (this.#done) return this.#sendTogether(status, headers, text);
    this.#orCut(() => this.#beginStream(status, headers, text));
  }

  #beginStream(status: number, headers: WireHeaders, text: string): void {
    const response = this.#response;
    response.writeHead(status, headers);
    if (this.#isOurs) forgetHeaders(response.req);
    // Node keeps a head until something follows, which may take long here; and for as long as the
    // stream lives if it went together with that, in all the pieces that it was put together of.
    const { socket } = response;
    socket?.cork();
    response.flushHeaders();
    if (text !== '') response.write(text);
    socket?.uncork();
  }

  write(text: string): boolean {
    if (this.#response.destroyed) return true;
    const opening = this.#opening;
    if (opening !== undefined) {
      if (opening.text.length + text.length <= pieceBytes) {
        opening.text += text;
        return true;
      }
      this.begin();
    }
    if (this.#rest.length > 0 || text.length > pieceBytes) return this.#give(Buffer.from(text));
    const hasRoom = this.#response.write(text);
    if (!hasRoom) this.#seeDrain();
    return hasRoom;
  }

  end(): void {
    this.#done = true;
    // All is known: it waits for the other answers of this turn, and closing waits for it.
    if (this.#opening !== undefined) return this.begin();
    if (this.#rest.length === 0) this.#response.end();
    this.#watchTheRest();
  }

  cut(): void {
    this.#response.destroy();
  }

  onDrain(listener: (isRoom: boolean) => void): void {
    this.#onDrain = listener;
  }

  onVanish(listener: () => void): void {
    const tell = (): void => {
      if (!this.#done) listener();
    };
    // Who went while it was being asked who they are is not coming back to say so.
    if (this.vanished) queueMicrotask(tell);
    else this.#response.on('close', tell);
  }

  /** Hands over as much as there is room for; false while some is left. */
  #give(...more: readonly Uint8Array[]): boolean {
    this.#rest = [...this.#rest, ...more];
    this.#seeDrain();
    return this.#giveRest();
  }

  #giveRest(): boolean {
    if (this.#rest.length === 0) return true;
    const response = this.#response;
    const rest = [...this.#rest];
    let isRoom = true;
    // What is written in one turn leaves in one piece by itself. To cork the answer instead may
    // have Node (22) promise a drain that never comes.
    for (let first = rest.shift(); first !== undefined; first = rest.shift()) {
      if (first.length > pieceBytes) rest.unshift(first.subarray(pieceBytes));
      isRoom = response.write(first.subarray(0, pieceBytes));
      if (!isRoom) break;
    }
    this.#rest = rest;
    if (rest.length === 0 && this.#done) response.end();
    return isRoom && rest.length === 0;
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
    if (this.#rest.length === 0 && response.socket?.writableLength === 0) return;
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
