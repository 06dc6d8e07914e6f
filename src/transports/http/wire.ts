/** The small request and reply shape that every HTTP adapter speaks. */
import { McpError } from '../../errors.js';
import { type SharedAnswer, textOfShared } from '../../json-rpc/encode.js';

export interface WireRequest {
  readonly method: string;
  /** The request target as it came: path and query, nothing decoded. */
  readonly target: string;
  /** Header names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** `1.1`, or `1.0`. */
  readonly httpVersion: string;
  /** The other end of the connection, be it a proxy. Undefined where it cannot be known. */
  readonly remoteAddress: string | undefined;
  /**
   * Reads the body, counting while it streams. Rejects with McpError `tooLarge`, `requestTooSlow`
   * or `connectionClosed`.
   */
  body(bytesMax: number): Promise<Uint8Array>;
}

export type WireHeaders = { readonly [name: string]: string };

/** The text of an answer; in pieces where most of it is that of other answers too. */
export type WireBody = string | SharedAnswer;

/** Its whole text, for whoever wants to look at it. */
export function textOf(body: WireBody): string {
  return typeof body === 'string' ? body : textOfShared(body);
}

/** Where the answer goes. Either `send` once, or `open`, then `write` and `end`. */
export interface WireReply {
  /** The whole answer in one write. */
  send(status: number, headers: WireHeaders, body?: WireBody): void;
  /** Begins a stream: its head goes by itself, or with what is written at once. */
  open(status: number, headers: WireHeaders): void;
  /** False when the reader should catch up; `onDrain` tells when it has. */
  write(text: string): boolean;
  end(): void;
  /** Closes the connection without more ado. */
  cut(): void;
  /** Called whenever the reader has taken something that waited: all of it if `isRoom`. */
  onDrain(listener: (isRoom: boolean) => void): void;
  /** Called once if the reader goes before the end of the answer. */
  onVanish(listener: () => void): void;
  /** True when the reader has gone. */
  readonly vanished: boolean;
}

/** What `body` rejects with where a body parser was there first: the peer is its developer. */
export function bodyWasRead(): McpError {
  const text = 'The body was read already: mount the MCP endpoint before any body parser';
  return new McpError('internal', text);
}

/** A reply that goes through another: whoever extends it changes what is said on the way. */
export class WrappedReply implements WireReply {
  protected readonly wire: WireReply;

  constructor(wire: WireReply) {
    this.wire = wire;
  }

  get vanished(): boolean {
    return this.wire.vanished;
  }

  send(status: number, headers: WireHeaders, body?: WireBody): void {
    this.wire.send(status, headers, body);
  }

  open(status: number, headers: WireHeaders): void {
    this.wire.open(status, headers);
  }

  write(text: string): boolean {
    return this.wire.write(text);
  }

  end(): void {
    this.wire.end();
  }

  cut(): void {
    this.wire.cut();
  }

  onDrain(listener: (isRoom: boolean) => void): void {
    this.wire.onDrain(listener);
  }

  onVanish(listener: () => void): void {
    this.wire.onVanish(listener);
  }
}
