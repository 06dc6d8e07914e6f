import type { Reader } from '../../engine/detached.js';
import { McpError } from '../../errors.js';
import type { Notification, Principal, Result } from '../../exchange.js';
import { encodeAnswer, encodeNotification, encodeShared } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { noticeOf } from '../../protocol/notice.js';
import { jsonHeaders, sendError } from './reply-headers.js';
import { encodeSseMessage } from './sse-encode.js';
import { openSse, type SseWriter } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface ReplyOptions {
  readonly wire: WireReply;
  readonly id: RequestId;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Called once if the reader goes before the answer is complete. */
  readonly onVanish: () => void;
  /** The caller; `onExpire` is called if it streams when its authorization ends. */
  readonly reader: Principal;
  readonly onExpire?: () => void;
}

/**
 * The answer to one request without resumption: JSON, unless something is said before the result;
 * then a stream from that moment on. The status is chosen as late as can be.
 */
export class Reply implements Reader {
  readonly #options: ReplyOptions;
  #stream: SseWriter | undefined;
  #vanished = false;
  #isOver = false;
  #stopTimer: (() => void) | undefined;

  constructor(options: ReplyOptions) {
    this.#options = options;
    options.wire.onVanish(() => this.#vanish());
    // Most answers come within their turn, and need no timer.
    options.clock.nextTurn(() => this.#showLife());
  }

  emit(notification: Notification): void | Promise<void> {
    const stream = this.#stream ?? this.#open();
    const event = encodeSseMessage(encodeNotification(notification));
    return stream.write(event, noticeOf(notification));
  }

  settle(outcome: Result | McpError): void {
    this.#over();
    const { wire, id } = this.#options;
    if (this.#stream !== undefined) {
      void this.#stream.write(encodeSseMessage(encodeAnswer(id, outcome)));
      this.#stream.end();
    } else if (outcome instanceof McpError) {
      sendError(wire, outcome, id);
    } else {
      wire.send(200, jsonHeaders, encodeShared(id, outcome) ?? encodeAnswer(id, outcome));
    }
  }

  /** Nobody waits any more. */
  abandon(): void {
    this.#over();
    this.#options.wire.cut();
  }

  #open(): SseWriter {
    const onVanish = (): void => this.#vanish();
    return (this.#stream ??= openSse(this.#options.wire, { ...this.#options, onVanish }));
  }

  #vanish(): void {
    if (this.#vanished) return;
    this.#vanished = true;
    this.#over();
    this.#options.onVanish();
  }

  #over(): void {
    this.#isOver = true;
    this.#stopTimer?.();
  }

  /** Proxies give up on replies that show no sign of life. */
  #showLife(): void {
    if (this.#isOver || this.#stream !== undefined) return;
    const { clock, limits } = this.#options;
    this.#stopTimer = clock.after(limits.headCommitMs, () => this.#open());
  }
}
