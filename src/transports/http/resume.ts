import { InOrder } from '../../engine/in-order.js';
import type { Notice } from '../../engine/outbox.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { StoredEvent, StreamKey, StreamPurpose } from '../../stores/event-store.js';
import { encodePriming, encodeStored } from './event-ids.js';
import { EventWriter, type EventWriterOptions, type Kept } from './event-writer.js';
import { ReadElsewhere } from './read-elsewhere.js';
import type { Attached, OpenReader, ReadableStream } from './readable-stream.js';
import { orReport } from './store-faults.js';
import { encodeSseEvent } from './sse-encode.js';
import type { SseWriter } from './sse-writer.js';
import { Unread } from './unread.js';

export interface ResumableOptions extends EventWriterOptions {
  /** From 2025-11-25 on a stream begins with an event that has an id and no data. */
  readonly isPrimed: boolean;
  readonly limits: Limits;
  /** Told when another node has claimed a stream, or its session has ended there. */
  onLost(stream: ResumableStream): void;
}

/** A notice of which none gives way to a newer one: readers count on every event id. */
export const keptNotice: Notice = {};

/** Whose words a stream carries. */
export interface Author {
  /** Told when nobody reads them any more, and when somebody does again. */
  hasReader(isThere: boolean): void;
}

/**
 * A legacy event stream that outlives its connections, written here. Every event is appended to the
 * store before it is written: a client that saw its id may come back for what follows.
 */
export class ResumableStream implements ReadableStream {
  readonly #options: ResumableOptions;
  readonly #key: StreamKey;
  readonly #writer: EventWriter;
  // No function: V8 makes streams, which live long, in its old space, and what is made for one in
  // the same breath beside it. There it would keep all that it sees until the next full collection.
  #author: Author | undefined;
  #reader: SseWriter | undefined;
  /** Resolves when the reader has what it has missed, as long as it has not. */
  #catchingUp: Promise<void> | undefined;
  #unread: Unread | undefined;
  #elsewhere: ReadElsewhere | undefined;
  /** The newest event of whoever wrote it before. */
  readonly startSeq: number;
  /** The newest event. */
  #lastSeq: number;
  #settledSeq: number;
  /** The newest event that is kept: a place to come back to. */
  #keptSeq: number;
  /** The newest event that the reader was given. */
  #readSeq = 0;
  #finished: boolean;
  readonly #isBegunHere: boolean;
  #isLost = false;
  // Of events and readers, when a store answers later.
  readonly #order = new InOrder();

  /** `from`: how far it has come already, where it was begun elsewhere. */
  constructor(
    options: ResumableOptions,
    key: StreamKey,
    from?: { readonly lastSeq: number; readonly isFinished: boolean },
  ) {
    this.#options = options;
    this.#key = key;
    this.#writer = new EventWriter(options, key);
    const { lastSeq = 0, isFinished = false } = from ?? {};
    this.#lastSeq = this.#settledSeq = this.#keptSeq = this.startSeq = lastSeq;
    this.#finished = isFinished;
    this.#isBegunHere = from === undefined;
  }

  /** Begins the stream, before anything else. */
  begin(purpose: Omit<StreamPurpose, 'owner'>): void {
    void this.#order.run(() => this.#writer.begin(purpose));
  }

  get name(): string {
    return this.#key.stream;
  }

  /** Tells `author` of readers, until the stream is over. */
  writeFor(author: Author): void {
    this.#author = author;
  }

  get reader(): SseWriter | undefined {
    return this.#reader?.closed === false ? this.#reader : undefined;
  }

  /** The newest event of which is known whether it is kept. */
  get settledSeq(): number {
    return this.#settledSeq;
  }

  /** Whether the store has all that was said on it, and knows so. */
  get isWhole(): boolean {
    return this.#keptSeq === this.#lastSeq;
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** Somebody reads it at another node, and has all up to `seq`, or nobody there any more. */
  readElsewhere(node: string, isThere: boolean, seq: number): void {
    if (this.#finished || this.#isLost) return;
    if (isThere) this.#unread?.taken(seq);
    const { clock, limits } = this.#options;
    const onChange = (): void => this.#tellReader();
    this.#elsewhere ??= new ReadElsewhere(clock, 3 * limits.writerCheckMs, onChange);
    this.#elsewhere.tell(node, isThere);
  }

  #tellReader(): void {
    this.#author?.hasReader(this.reader !== undefined || this.#elsewhere?.isRead === true);
  }

  /** The reader of a new stream, or the next one, which asks for nothing that was before. */
  open(open: OpenReader): void {
    const reader = this.#take(open);
    this.#unread?.taken(this.#settledSeq);
    if (this.#options.isPrimed) this.#prime(reader);
  }

  /** `notice`: whoever sends it may go on without waiting for room. */
  append(data: string, notice?: Notice): void | Promise<void> {
    return this.#append(data, undefined, notice);
  }

  /** The answer to a request that the stream owes. */
  answer(id: RequestId | undefined, data: string): void {
    void this.#append(data, id);
  }

  async attach(open: OpenReader, seq: number): Promise<Attached> {
    let outcome: Attached = 'attached';
    await this.#order.run(async () => {
      if (this.#isLost) outcome = 'lost';
      // Whoever wrote it before may have had more than the store has kept.
      else if (seq > this.#newestSeq) outcome = this.#isBegunHere ? 'unknown' : 'lost';
      else if (seq === this.#settledSeq && this.#finished) outcome = 'over';
      if (outcome !== 'attached') return;
      const { store, isPrimed, limits } = this.#options;
      const missed = await store.after(this.#key, seq, limits.followBytesMax);
      // A stream that its store has forgotten altogether looks like one without events.
      if (missed === undefined || (missed.length === 0 && seq < this.#settledSeq)) {
        outcome = 'lost';
        return;
      }
      this.#reader?.end();
      const reader = this.#take(open);
      this.#unread?.taken(seq);
      if (isPrimed && missed.length === 0) this.#prime(reader);
      // Events that were on their way to the store may be among them.
      const upTo = missed.at(-1)?.seq ?? seq;
      if (upTo >= this.#settledSeq) {
        for (const event of missed) {
          void this.#noteTaken(event, reader, reader.write(encodeStored(this.name, event)));
        }
        return this.#hasCaughtUp(upTo);
      }
      const catchingUp = this.#catchUp(reader, seq, missed).finally(() => {
        if (this.#catchingUp === catchingUp) this.#catchingUp = undefined;
      });
      this.#catchingUp = catchingUp;
    });
    return outcome;
  }

  /** What was read from the store is kept, also where its writer has not heard so yet. */
  get #newestSeq(): number {
    return Math.max(this.#settledSeq, this.#keptSeq);
  }

  /** Hands over what was missed as the reader takes it: all of it at once would wait here. */
  async #catchUp(reader: SseWriter, from: number, first: readonly StoredEvent[]): Promise<void> {
    const { store, limits } = this.#options;
    let seq = from;
    let missed: readonly StoredEvent[] | undefined = first;
    try {
      while (missed !== undefined && missed.length > 0) {
        for (const event of missed) {
          await reader.write(encodeStored(this.name, event));
          if (reader.closed) return;
          seq = event.seq;
          this.#unread?.taken(seq);
        }
        if (seq >= this.#settledSeq) return this.#hasCaughtUp(seq);
        missed = await store.after(this.#key, seq, limits.followBytesMax);
      }
    } catch (cause) {
      this.#options.onFault(cause);
    }
    // It comes back, and learns that what it has missed is not kept any more.
    reader.end();
  }

  #hasCaughtUp(seq: number): void {
    this.#catchingUp = undefined;
    this.#readSeq = seq;
    this.#keptSeq = Math.max(this.#keptSeq, seq);
    if (this.#finished) this.letGo();
  }

  /**
   * Lets the reader go with the advice to come back after `retryMs`. Readers of older revisions,
   * which know no such advice, are kept: a stream should not end before its answer there.
   */
  detach(retryMs: number): void {
    const { reader } = this;
    if (reader === undefined || !this.#options.isPrimed) return;
    // One that has not caught up comes back for what it has missed.
    if (this.#catchingUp === undefined) this.#prime(reader, retryMs);
    this.letGo();
    this.#tellReader();
  }

  /** Nothing follows. Readers that come later get what they missed, and the end. */
  finish(): void {
    const lastSeq = this.#lastSeq;
    void this.#order.run(() => {
      if (this.#isLost) return;
      this.#finished = true;
      // Kept for those who come back; what came to an end here would be kept with it.
      this.#author = undefined;
      this.#unread?.open();
      this.#elsewhere?.stop();
      if (this.#catchingUp === undefined) this.letGo();
      return this.#writer.finish(lastSeq);
    });
  }

  /** Lets the reader go for now: the stream is not over, and goes on wherever it comes back. */
  letGo(): void {
    this.#reader?.end();
    this.#reader = undefined;
    this.#catchingUp = undefined;
  }

  /** Resolves when the store has answered to all that it was given. */
  settled(): Promise<void> {
    return this.#order.settled();
  }

  /** Another node writes it from now on, or nobody: nothing is said here any more. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#author = undefined;
    this.#unread?.open();
    this.#elsewhere?.stop();
    this.letGo();
    this.#options.onLost(this);
  }

  /** Drops what is kept of a stream that nobody can come back to. */
  forget(): void {
    const { store } = this.#options;
    const onFault = (cause: unknown): void => this.#options.onFault(cause);
    void this.#order.run(() => orReport(() => store.forget(this.#key), onFault));
  }

  #append(data: string, settled?: RequestId, notice?: Notice): void | Promise<void> {
    if (this.#finished || this.#isLost) return;
    const event = { seq: ++this.#lastSeq, data };
    const kept = this.#writer.keep(event, settled);
    if (typeof kept !== 'object' && !this.#order.isBusy) {
      return this.#settle(event, kept, notice);
    }
    return this.#settleLater(event, kept, notice);
  }

  #settleLater(
    event: StoredEvent,
    kept: Kept | Promise<Kept>,
    notice: Notice | undefined,
  ): void | Promise<void> {
    let room: void | Promise<void> = undefined;
    // What comes next is kept, in order, also while the reader has no room for it.
    const settling = this.#order.run(async () => {
      room = this.#settle(event, await kept, notice);
    });
    return settling?.then(() => room);
  }

  /** Gives an event to the reader, once is known what the store made of it. */
  #settle(event: StoredEvent, kept: Kept, notice: Notice | undefined): void | Promise<void> {
    this.#settledSeq = event.seq;
    if (kept === true) this.#keptSeq = event.seq;
    if (kept === false) return this.lose();
    // The reader comes back, and learns whether the store has it.
    if (kept === 'unknown') return this.letGo();
    if (this.#catchingUp !== undefined) {
      // It is read from the store, which does not have it.
      if (kept === 'failed') return this.letGo();
      void this.#leaveUnread(event);
      return this.#catchingUp;
    }
    if (event.seq <= this.#readSeq) return;
    this.#readSeq = event.seq;
    const { reader } = this;
    if (reader === undefined) return this.#leaveUnread(event);
    // Without an id, for there is nothing to come back to; a reader that is gone has lost it.
    if (kept === 'failed') return reader.write(encodeSseEvent({ data: event.data }), notice);
    return this.#noteTaken(event, reader, reader.write(encodeStored(this.name, event), notice));
  }

  /** `room`: what its reader has said of the event. */
  #noteTaken(
    event: StoredEvent,
    reader: SseWriter,
    room: void | Promise<void>,
  ): void | Promise<void> {
    if (room === undefined) return this.#unread?.taken(event.seq);
    void this.#leaveUnread(event);
    return room.then(() => {
      if (!reader.closed) this.#unread?.taken(event.seq);
    });
  }

  #leaveUnread({ seq, data }: StoredEvent): void | Promise<void> {
    return (this.#unread ??= new Unread(this.#options.limits)).add(seq, data.length);
  }

  #take(open: OpenReader): SseWriter {
    const reader = open(() => {
      if (this.#reader !== reader) return;
      this.#reader = undefined;
      this.#tellReader();
    });
    this.#reader = reader;
    this.#catchingUp = undefined;
    this.#readSeq = this.#settledSeq;
    this.#tellReader();
    return reader;
  }

  #prime(reader: SseWriter, retryMs = this.#options.limits.retryMs): void {
    void reader.write(encodePriming(this.name, this.#keptSeq, retryMs));
  }
}
