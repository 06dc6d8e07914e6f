import type { Reader } from '../../engine/detached.js';
import { encodeAnswer, encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { jsonHeaders } from './reply-headers.js';
import { keptNotice, type ResumableStream } from './resume.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface LegacyReplyOptions {
  readonly wire: WireReply;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly newStream: () => ResumableStream;
  /** How many requests this reply answers: one, but for a batch. */
  readonly requests: number;
  /** Whether JSON answers come as an array. */
  readonly isBatch: boolean;
  /** Told when the last reader goes, and when one comes back. */
  readonly onReader: (isThere: boolean) => void;
}

/**
 * The answer to one POST of a legacy session: JSON when all comes soon and alone, a resumable
 * stream otherwise. A reader that goes may come back; the work goes on without it.
 */
export class LegacyReply {
  readonly #options: LegacyReplyOptions;
  readonly #stopTimer: () => void;
  #stream: ResumableStream | undefined;
  /** JSON texts that wait for the rest of a batch. */
  #answers: string[] = [];
  #open: number;

  constructor(options: LegacyReplyOptions) {
    this.#options = options;
    this.#open = options.requests;
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
    for (const answer of this.#answers.splice(0)) void stream.append(answer);
    return stream;
  }

  /** The part of this reply that belongs to one request. */
  readerOf(id: RequestId): Reader {
    return {
      emit: (notification) =>
        this.stream().append(encodeMessage({ jsonrpc: '2.0', ...notification }), keptNotice),
      settle: (outcome) => this.#settle(encodeAnswer(id, outcome)),
      // A cancelled request has no answer, and the others of its batch do not wait for one.
      abandon: () => this.#settle(undefined),
    };
  }

  detach(retryMs: number): void {
    this.stream().detach(retryMs);
  }

  /** An answer that was ready before its request could run, such as a refusal. */
  answer(json: string): void {
    this.#settle(json);
  }

  #settle(json: string | undefined): void {
    this.#open--;
    if (json !== undefined) {
      if (this.#stream === undefined) this.#answers.push(json);
      else void this.#stream.append(json);
    }
    if (this.#open > 0) return;
    this.#stopTimer();
    if (this.#stream === undefined && this.#answers.length > 0) {
      const { wire, isBatch } = this.#options;
      // In a session the status speaks of the session (404: it has ended), never of the request.
      wire.send(200, jsonHeaders, isBatch ? `[${this.#answers.join(',')}]` : this.#answers[0]);
    } else {
      this.stream().finish();
    }
  }
}
