import type { Reader } from '../../engine/detached.js';
import { McpError } from '../../errors.js';
import type { Notification, Principal, Result } from '../../exchange.js';
import { encodeAnswer, encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { noticeOf } from '../../protocol/notice.js';
import { jsonHeaders, sendError } from './reply-headers.js';
import { encodeSseEvent } from './sse-encode.js';
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
  readonly #stopTimer: () => void;

  constructor(options: ReplyOptions) {
    this.#options = options;
    const { wire, clock, limits } = options;
    wire.onVanish(() => this.#vanish());
    // Proxies give up on replies that show no sign of life.
    this.#stopTimer = clock.after(limits.headCommitMs, () => this.#open());
  }

  emit(notification: Notification): void | Promise<void> {
    return this.#open().write(
      encodeSseEvent({ data: encodeMessage({ jsonrpc: '2.0', ...notification }) }),
      noticeOf(notification),
    );
  }

  settle(outcome: Result | McpError): void {
    this.#stopTimer();
    const { wire, id } = this.#options;
    if (this.#stream !== undefined) {
      void this.#stream.write(encodeSseEvent({ data: encodeAnswer(id, outcome) }));
      this.#stream.end();
    } else if (outcome instanceof McpError) {
      sendError(wire, outcome, id);
    } else {
      wire.send(200, jsonHeaders, encodeAnswer(id, outcome));
    }
  }

  /** Nobody waits any more. */
  abandon(): void {
    this.#stopTimer();
    this.#options.wire.cut();
  }

  #open(): SseWriter {
    const onVanish = (): void => this.#vanish();
    return (this.#stream ??= openSse(this.#options.wire, { ...this.#options, onVanish }));
  }

  #vanish(): void {
    if (this.#vanished) return;
    this.#vanished = true;
    this.#stopTimer();
    this.#options.onVanish();
  }
}
