import { createOutbox, type Notice, type Outbox, type OutboxOptions } from '../../engine/outbox.js';
import type { Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { type KeptAlive, keepAlivesOf } from './keep-alives.js';
import { watchLease } from './lease.js';
import { streamHeaders } from './reply-headers.js';
import { encodeSseComment } from './sse-encode.js';
import type { WireReply } from './wire.js';

/** One open event stream: head, events, keep-alives, end. */
export interface SseWriter {
  /** Writes the text of an event. A returned promise settles when there is room for more. */
  write(text: string, notice?: Notice): void | Promise<void>;
  /** Writes what waits and ends the stream. */
  end(): void;
  /** When the reader last took something, in Unix ms. */
  readonly acceptedAt: number;
  readonly closed: boolean;
}

export interface SseWriterOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly headers?: { readonly [name: string]: string };
  /** Called once if the reader goes, or is cut for taking nothing. */
  readonly onVanish: () => void;
  /** Who reads it: with its authorization the stream ends. */
  readonly reader: Principal;
  /** Called then instead of ending it as if its reader were gone. */
  readonly onExpire?: (() => void) | undefined;
  /** Called once when the stream is over, whoever ended it. */
  readonly onClose?: () => void;
}

/** Opens an event stream on `wire`. */
export function openSse(wire: WireReply, options: SseWriterOptions): SseWriter {
  return new EventStream(wire, options);
}

class EventStream implements SseWriter, KeptAlive {
  previous: KeptAlive | undefined;
  next: KeptAlive | undefined;
  dueAt = 0;
  readonly #wire: WireReply;
  readonly #options: SseWriterOptions;
  readonly #outbox: Outbox;
  readonly #stopExpiry: () => void;
  #acceptedAt: number;
  #isClosed = false;

  constructor(wire: WireReply, options: SseWriterOptions) {
    const { clock, limits, headers = streamHeaders, reader } = options;
    this.#wire = wire;
    this.#options = options;
    this.#acceptedAt = clock.now();
    this.#outbox = createOutbox(new ToReader(this, clock, limits));
    wire.open(200, headers);
    wire.onDrain((isRoom) => this.#drained(isRoom));
    wire.onVanish(() => this.#vanish());
    keepAlivesOf(clock, limits.keepAliveMs).start(this);
    this.#stopExpiry = watchLease(reader, clock, () => this.#expire());
  }

  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  write(text: string, notice?: Notice): void | Promise<void> {
    return this.#isClosed ? undefined : this.#outbox.push(text, notice);
  }

  end(): void {
    if (this.#isClosed) return;
    this.#outbox.flush();
    this.#close();
    this.#wire.end();
  }

  /** Hands over what left the outbox. */
  handOver(text: string): boolean {
    const hasRoom = this.#wire.write(text);
    if (hasRoom) this.#acceptedAt = this.#options.clock.now();
    return hasRoom;
  }

  sayAlive(): void {
    if (this.#outbox.waiting === 0) void this.#outbox.push(keepAlive);
  }

  cut(): void {
    // At once, not when the connection has closed: those who waited for room go on before that.
    this.#vanish();
    this.#wire.cut();
  }

  #drained(isRoom: boolean): void {
    this.#acceptedAt = this.#options.clock.now();
    if (isRoom) this.#outbox.drained();
    else this.#outbox.taken();
  }

  #close(): void {
    this.#isClosed = true;
    const { clock, limits, onClose } = this.#options;
    keepAlivesOf(clock, limits.keepAliveMs).stop(this);
    this.#stopExpiry();
    this.#outbox.close();
    onClose?.();
  }

  #vanish(): void {
    if (this.#isClosed) return;
    this.#close();
    this.#options.onVanish();
  }

  #expire(): void {
    if (this.#options.onExpire !== undefined) return this.#options.onExpire();
    this.end();
    this.#options.onVanish();
  }
}

const keepAlive = encodeSseComment('keep-alive');

/** Where the outbox of a stream puts its text. */
class ToReader implements OutboxOptions {
  readonly clock: Clock;
  readonly #stream: EventStream;
  readonly #limits: Limits;

  constructor(stream: EventStream, clock: Clock, limits: Limits) {
    this.clock = clock;
    this.#stream = stream;
    this.#limits = limits;
  }

  // Whoever waits for room holds a place among all calls: nobody may have it wait for ever.
  get cutFrom(): number {
    return 0;
  }

  get batchMax(): number {
    return this.#limits.eventBatchBytes;
  }

  get waitingMax(): number {
    return this.#limits.outboxBytesMax;
  }

  get stallMs(): number {
    return this.#limits.slowReaderMs;
  }

  write(text: string): boolean {
    return this.#stream.handOver(text);
  }

  cut(): void {
    this.#stream.cut();
  }
}
