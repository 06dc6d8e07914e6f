import type { Reader } from '../../engine/detached.js';
import { McpError } from '../../errors.js';
import type { Principal } from '../../exchange.js';
import { encodeAnswer, encodeMessage } from '../../json-rpc/encode.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { jsonHeaders, sendError } from './reply-headers.js';
import { keptNotice, type ResumableStream } from './resume.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

export interface LegacyReplyOptions {
  readonly wire: WireReply;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly newStream: (owed: readonly RequestId[]) => ResumableStream;
  /** The requests that this reply answers: one, but for a batch. */
  readonly requests: readonly (RequestId | undefined)[];
  /** Whether JSON answers come as an array. */
  readonly isBatch: boolean;
  /** Told when the last reader goes, and when one comes back. */
  readonly onReader: (isThere: boolean) => void;
  /** Who reads it, and has to come back with another token when its own ends. */
  readonly reader: Principal;
}

/** What a request gets; what was no request has no id. */
interface Answer {
  readonly id: RequestId | undefined;
  readonly json: string;
}

/**
 * The answer to one POST of a legacy session: JSON when all comes soon and alone, a resumable
 * stream otherwise. A reader that goes may come back; the work goes on without it.
 */
export class LegacyReply {
  readonly #options: LegacyReplyOptions;
  readonly #stopTimer: () => void;
  #stream: ResumableStream | undefined;
  /** Answers that wait for the rest of a batch. */
  #answers: Answer[] = [];
  #open: number;

  constructor(options: LegacyReplyOptions) {
    this.#options = options;
    this.#open = options.requests.length;
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
    const { wire, newStream, requests, clock, limits, onReader, reader } = this.#options;
    const owed = requests.filter((id) => id !== undefined);
    const stream = (this.#stream = newStream(owed));
    stream.onReader = onReader;
    if (!wire.vanished) {
      stream.open((onVanish) => openSse(wire, { clock, limits, onVanish, reader }));
    }
    for (const { id, json } of this.#answers.splice(0)) stream.answer(id, json);
    return stream;
  }

  /** The part of this reply that belongs to one request. */
  readerOf(id: RequestId): Reader {
    return {
      emit: (notification) =>
        this.stream().append(encodeMessage({ jsonrpc: '2.0', ...notification }), keptNotice),
      settle: (outcome) => {
        if (outcome instanceof McpError && this.#refuse(outcome, id)) return;
        this.#settle({ id, json: encodeAnswer(id, outcome) });
      },
      // A cancelled request has no answer, and the others of its batch do not wait for one.
      abandon: () => this.#settle(undefined),
    };
  }

  /** The one error of a request that has a status of its own: clients look for it there. */
  #refuse(error: McpError, id: RequestId): boolean {
    const { wire, isBatch } = this.#options;
    if (error.kind !== 'insufficientScope' || isBatch || this.#stream !== undefined) return false;
    this.#stopTimer();
    sendError(wire, error, id);
    return true;
  }

  detach(retryMs: number): void {
    this.stream().detach(retryMs);
  }

  /** An answer that was ready before its request could run, such as a refusal. */
  answer(id: RequestId | undefined, json: string): void {
    this.#settle({ id, json });
  }

  #settle(answer: Answer | undefined): void {
    this.#open--;
    if (answer !== undefined) {
      if (this.#stream === undefined) this.#answers.push(answer);
      else this.#stream.answer(answer.id, answer.json);
    }
    if (this.#open > 0) return;
    this.#stopTimer();
    if (this.#stream === undefined && this.#answers.length > 0) {
      const { wire, isBatch } = this.#options;
      // In a session the status speaks of the session (404: it has ended), never of the request.
      const texts = this.#answers.map(({ json }) => json);
      wire.send(200, jsonHeaders, isBatch ? `[${texts.join(',')}]` : texts[0]);
    } else {
      this.stream().finish();
    }
  }
}
