import type { Reader } from '../../engine/detached.js';
import type { McpError } from '../../errors.js';
import type { Notification, Result } from '../../exchange.js';
import { encodeAnswer, encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { jsonHeaders } from './reply-headers.js';
import type { ResumableStream } from './resume.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface LegacyReplyOptions {
  readonly wire: WireReply;
  readonly id: RequestId;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly newStream: () => ResumableStream;
  /** Told when the last reader goes, and when one comes back. */
  readonly onReader: (isThere: boolean) => void;
}

/**
 * The answer to one request of a legacy session: JSON when it comes soon and alone, a resumable
 * stream otherwise. A reader that goes may come back; the work goes on without it.
 */
export class LegacyReply implements Reader {
  readonly #options: LegacyReplyOptions;
  readonly #stopTimer: () => void;
  #stream: ResumableStream | undefined;

  constructor(options: LegacyReplyOptions) {
    this.#options = options;
    // A reply that takes long must have an id to come back to before its connection is cut.
    this.#stopTimer = options.clock.after(options.limits.legacyHeadCommitMs, () => this.stream());
    options.wire.onVanish(() => {
      if (this.#stream === undefined) options.onReader(false);
    });
  }

  /** The stream of this reply, which begins when it is first needed. */
  stream(): ResumableStream {
    if (this.#stream !== undefined) return this.#stream;
    this.#stopTimer();
    const { wire, newStream, clock, limits, onReader } = this.#options;
    const stream = (this.#stream = newStream());
    stream.onReader = onReader;
    if (!wire.vanished) stream.open((onVanish) => openSse(wire, { clock, limits, onVanish }));
    return stream;
  }

  emit(notification: Notification): void | Promise<void> {
    return this.stream().append(encodeMessage({ jsonrpc: '2.0', ...notification }));
  }

  detach(retryMs: number): void {
    this.stream().detach(retryMs);
  }

  settle(outcome: Result | McpError): void {
    this.#stopTimer();
    const { wire, id } = this.#options;
    if (this.#stream !== undefined) {
      void this.#stream.append(encodeAnswer(id, outcome));
      this.#stream.finish();
    } else {
      // In a session the status speaks of the session (404: it has ended), never of the request.
      wire.send(200, jsonHeaders, encodeAnswer(id, outcome));
    }
  }

  /** The request was cancelled: nothing more is sent for it. */
  abandon(): void {
    this.#stopTimer();
    if (this.#stream === undefined) this.stream().finish();
    else this.#stream.finish();
  }
}
