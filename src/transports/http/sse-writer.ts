import { createOutbox, type Notice, type Outbox } from '../../engine/outbox.js';
import type { Principal } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
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
  const { clock, limits } = options;
  let acceptedAt = clock.now();
  let closed = false;
  let stopKeepAlive = (): void => undefined;
  let stopExpiry = (): void => undefined;

  const close = (): void => {
    closed = true;
    stopKeepAlive();
    stopExpiry();
    outbox.close();
    options.onClose?.();
  };
  const vanish = (): void => {
    if (closed) return;
    close();
    options.onVanish();
  };
  const outbox: Outbox = createOutbox({
    clock,
    batchMax: limits.eventBatchBytes,
    waitingMax: limits.outboxBytesMax,
    stallMs: limits.slowReaderMs,
    // Whoever waits for room holds a place among all calls: nobody may have it wait for ever.
    cutFrom: 0,
    write(text) {
      const room = wire.write(text);
      if (room) acceptedAt = clock.now();
      return room;
    },
    cut() {
      // At once, not when the connection has closed: those who waited for room go on before that.
      vanish();
      wire.cut();
    },
  });
  const keepAlive = (): void => {
    stopKeepAlive = clock.after(limits.keepAliveMs, () => {
      if (outbox.waiting === 0) void outbox.push(encodeSseComment('keep-alive'));
      keepAlive();
    });
  };

  wire.open(200, options.headers ?? streamHeaders);
  wire.onDrain((isRoom) => {
    acceptedAt = clock.now();
    if (isRoom) outbox.drained();
    else outbox.taken();
  });
  wire.onVanish(vanish);
  keepAlive();
  const end = (): void => {
    if (closed) return;
    outbox.flush();
    close();
    wire.end();
  };
  const expire = (): void => {
    if (options.onExpire !== undefined) return options.onExpire();
    end();
    options.onVanish();
  };
  stopExpiry = watchLease(options.reader, clock, expire);

  return {
    write: (text, notice) => (closed ? undefined : outbox.push(text, notice)),
    end,
    get acceptedAt() {
      return acceptedAt;
    },
    get closed() {
      return closed;
    },
  };
}
