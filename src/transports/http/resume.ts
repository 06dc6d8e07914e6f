import type { Notice } from '../../engine/outbox.js';
import type { RequestId } from '../../json-rpc/message.js';
import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
} from '../../stores/event-store.js';
import { type Random, toBase64Url } from '../../platform/random.js';
import { encodeSseEvent } from './sse-encode.js';
import type { SseWriter } from './sse-writer.js';

export interface ResumableOptions {
  readonly key: StreamKey;
  readonly store: EventStore;
  /** From 2025-11-25 on a stream begins with an event that has an id and no data. */
  readonly isPrimed: boolean;
  readonly retryMs: number;
  /** How far it has come already, where it was begun elsewhere. */
  readonly from?: { readonly lastSeq: number; readonly isFinished: boolean };
  /** Told what the store threw. The stream goes on without it. */
  readonly onFault: (cause: unknown) => void;
}

/** A notice of which none gives way to a newer one: readers count on every event id. */
export const keptNotice: Notice = {};

/** Opens the connection of a reader; `onVanish` is called if the reader goes by itself. */
export type OpenReader = (onVanish: () => void) => SseWriter;

/**
 * What became of a reader that came back: its events follow, were lost, it had all of them, or it
 * names an event that never was.
 */
export type Attached = 'attached' | 'lost' | 'over' | 'unknown';

/**
 * A legacy event stream that outlives its connections. Every event is appended to the store before
 * it is written: a client that saw its id may come back for what follows.
 */
export class ResumableStream {
  readonly #options: ResumableOptions;
  /** Told when the reader goes, and when one comes back. */
  onReader: ((isThere: boolean) => void) | undefined;
  #reader: SseWriter | undefined;
  #lastSeq = 0;
  /** The newest event that was followed by one which the store did not take. */
  #lostAfter = -1;
  #finished = false;
  // Keeps the order of appends and attachments when a store answers later.
  #work: Promise<void> | undefined;

  constructor(options: ResumableOptions) {
    this.#options = options;
    const { lastSeq = 0, isFinished = false } = options.from ?? {};
    this.#lastSeq = lastSeq;
    this.#finished = isFinished;
  }

  /** Begins the stream, before anything else. */
  begin(purpose: StreamPurpose): void {
    const { store, key, onFault } = this.#options;
    void this.#inOrder(() => orReport(() => store.begin(key, purpose), onFault));
  }

  get reader(): SseWriter | undefined {
    return this.#reader?.closed === false ? this.#reader : undefined;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** The reader of a new stream. */
  open(open: OpenReader): void {
    const reader = this.#take(open);
    if (this.#options.isPrimed) this.#prime(reader, this.#options.retryMs);
  }

  /** `notice`: whoever sends it may go on without waiting for room. */
  append(data: string, notice?: Notice): void | Promise<void> {
    return this.#append(data, undefined, notice);
  }

  /** The answer to a request that the stream owes. */
  answer(id: RequestId | undefined, data: string): void {
    void this.#append(data, id);
  }

  #append(data: string, settled?: RequestId, notice?: Notice): void | Promise<void> {
    if (this.#finished) return;
    let room: void | Promise<void> = undefined;
    const kept = this.#inOrder(() =>
      this.#keep(data, settled, (text) => void (room = this.reader?.write(text, notice))),
    );
    // What comes next is kept, in order, also while the reader has no room for it.
    return kept === undefined ? room : kept.then(() => room);
  }

  /**
   * Hands the stream over to the reader that `open` makes, beginning after event `seq`. Opens
   * nothing when that would leave a gap, or when the stream is over and nothing follows `seq`.
   */
  async attach(open: OpenReader, seq: number): Promise<Attached> {
    let outcome: Attached = 'attached';
    await this.#inOrder(async () => {
      if (seq > this.#lastSeq) {
        outcome = 'unknown';
        return;
      }
      if (seq <= this.#lostAfter) {
        outcome = 'lost';
        return;
      }
      if (seq === this.#lastSeq && this.#finished) {
        outcome = 'over';
        return;
      }
      const missed = await this.#options.store.after(this.#options.key, seq);
      // A stream that its store has forgotten altogether looks like one without events.
      if (missed === undefined || seq + missed.length < this.#lastSeq) {
        outcome = 'lost';
        return;
      }
      this.#reader?.end();
      const reader = this.#take(open);
      if (this.#options.isPrimed && missed.length === 0) this.#prime(reader, this.#options.retryMs);
      for (const event of missed) void reader.write(this.#encode(event));
      if (this.#finished) reader.end();
    });
    return outcome;
  }

  /**
   * Lets the reader go with the advice to come back after `retryMs`. Readers of older revisions,
   * which know no such advice, are kept: a stream should not end before its answer there.
   */
  detach(retryMs: number): void {
    const { reader } = this;
    if (reader === undefined || !this.#options.isPrimed) return;
    this.#prime(reader, retryMs);
    reader.end();
    this.#reader = undefined;
    this.onReader?.(false);
  }

  /** Nothing follows. Readers that come later get what they missed, and the end. */
  finish(): void {
    void this.#inOrder(() => {
      this.#finished = true;
      this.#reader?.end();
      this.#reader = undefined;
      const { store, key, onFault } = this.#options;
      return orReport(() => store.finish(key), onFault);
    });
  }

  /** Lets the reader go for now: the stream is not over, and goes on wherever it comes back. */
  letGo(): void {
    this.#reader?.end();
    this.#reader = undefined;
  }

  /** Drops what is kept of a stream that nobody can come back to. */
  forget(): void {
    const { store, key, onFault } = this.#options;
    void this.#inOrder(() => orReport(() => store.forget(key), onFault));
  }

  #take(open: OpenReader): SseWriter {
    const reader = open(() => {
      if (this.#reader === reader) this.onReader?.(false);
    });
    this.#reader = reader;
    this.onReader?.(true);
    return reader;
  }

  #inOrder(step: () => void | Promise<void>): void | Promise<void> {
    if (this.#work === undefined) {
      const done = step();
      if (done === undefined) return;
      return this.#track(done);
    }
    return this.#track(this.#work.then(step));
  }

  #track(done: Promise<void>): Promise<void> {
    const settled = done
      .catch(() => undefined)
      .then(() => {
        if (this.#work === settled) this.#work = undefined;
      });
    this.#work = settled;
    return done;
  }

  #keep(
    data: string,
    settled: RequestId | undefined,
    write: (text: string) => void,
  ): void | Promise<void> {
    const { store, key, onFault } = this.#options;
    const kept = (seq: number): void => {
      this.#lastSeq = seq;
      write(this.#encode({ seq, data }));
    };
    // Without an id, for there is nothing to come back to; a reader that is gone has lost it.
    const failed = (cause: unknown): void => {
      this.#lostAfter = this.#lastSeq;
      onFault(cause);
      write(encodeSseEvent({ data }));
    };
    let seq: number | Promise<number>;
    try {
      seq = store.append(key, data, settled);
    } catch (cause) {
      return failed(cause);
    }
    if (typeof seq === 'number') return kept(seq);
    return seq.then(kept, failed);
  }

  #prime(reader: SseWriter, retry: number): void {
    void reader.write(encodeSseEvent({ data: '', id: this.#id(this.#lastSeq), retry }));
  }

  #encode({ seq, data }: StoredEvent): string {
    return encodeSseEvent({ data, id: this.#id(seq) });
  }

  #id(seq: number): string {
    return `${this.#options.key.stream}.${seq}`;
  }
}

/** What a store throws or rejects with goes to `onFault`, where nobody else waits for it. */
export function orReport(
  step: () => void | Promise<void>,
  onFault: (cause: unknown) => void,
): void | Promise<void> {
  try {
    const done = step();
    return done === undefined ? undefined : done.catch(onFault);
  } catch (cause) {
    onFault(cause);
  }
}

/** A name for a stream: nobody guesses it, so nobody makes event ids of streams not their own. */
export function nameStream(random: Random): string {
  return toBase64Url(random.bytes(16));
}

/** The stream and the number that an event id stands for; undefined for what is none of ours. */
export function readEventId(id: string): { readonly stream: string; seq: number } | undefined {
  const match = /^([\w-]{22})\.([0-9]{1,15})$/.exec(id);
  if (match === null) return undefined;
  return { stream: match[1]!, seq: Number(match[2]) };
}
