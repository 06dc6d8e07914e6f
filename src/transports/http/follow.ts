import { pause } from '../../engine/back-off.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { EventStore, StreamKey } from '../../stores/event-store.js';
import { encodePriming, encodeStored } from './event-ids.js';
import type { Attached, OpenReader, ReadableStream } from './readable-stream.js';
import type { SseWriter } from './sse-writer.js';

export interface FollowOptions {
  readonly key: StreamKey;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly isPrimed: boolean;
  readonly limits: Limits;
  readonly isWriterAlive: () => boolean | Promise<boolean>;
  /** Told again and again, while somebody reads here, who has all up to `seq`. */
  readonly onReading: (seq: number) => void;
  /** Events are missing: the session cannot go on. */
  readonly onGap: () => void;
  readonly onFault: (cause: unknown) => void;
}

/** A stream that another node writes, read from the store as it grows. */
export class FollowedStream implements ReadableStream {
  readonly #options: FollowOptions;
  readonly #onEnd: () => void;
  #reader: SseWriter | undefined;
  #wake: (() => void) | undefined;
  #hasChanged = false;

  /** `onEnd` is told when nobody reads it here any more. */
  constructor(options: FollowOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get name(): string {
    return this.#options.key.stream;
  }

  async attach(open: OpenReader, seq: number): Promise<Attached> {
    const { store, key, isPrimed, limits } = this.#options;
    let stopWatching = (): void => undefined;
    let isFollowed = false;
    try {
      // Before anything is read, so that nothing falls in between.
      stopWatching = await store.watch(key, () => this.#changed());
      const state = await store.state(key);
      // A store that knows less than the reader has lost it.
      if (state === undefined || seq > state.lastSeq) return 'lost';
      if (state.isFinished && seq === state.lastSeq) return 'over';
      if ((await store.after(key, seq, 1)) === undefined) return 'lost';
      const reader = open(() => this.#changed());
      this.#reader = reader;
      isFollowed = true;
      if (isPrimed) void reader.write(encodePriming(key.stream, seq, limits.retryMs));
      void this.#follow(reader, seq, stopWatching);
      return 'attached';
    } finally {
      if (!isFollowed) {
        stopWatching();
        this.#onEnd();
      }
    }
  }

  /** Lets the reader go, who may come back. */
  letGo(): void {
    this.#reader?.end();
    this.#changed();
  }

  #changed(): void {
    this.#hasChanged = true;
    this.#wake?.();
  }

  async #follow(reader: SseWriter, from: number, stopWatching: () => void): Promise<void> {
    const { onFault } = this.#options;
    try {
      await this.#copy(reader, from);
    } catch (cause) {
      onFault(cause);
    } finally {
      stopWatching();
      reader.end();
      this.#onEnd();
    }
  }

  /** Writes what is in the store, until the stream is over, the reader gone or the writer dead. */
  async #copy(reader: SseWriter, from: number): Promise<void> {
    const { store, key, limits, isWriterAlive, onGap, onReading } = this.#options;
    let seq = from;
    while (!reader.closed) {
      this.#hasChanged = false;
      const state = await this.#read(reader, () => store.state(key));
      const events = await this.#read(reader, () => store.after(key, seq, limits.followBytesMax));
      if (state === undefined) return;
      if (events === undefined) return onGap();
      for (const event of events) {
        await reader.write(encodeStored(key.stream, event));
        if (reader.closed) return;
        seq = event.seq;
      }
      // The rest is read when there is room for it.
      if (state.isFinished && seq >= state.lastSeq) return;
      onReading(seq);
      if (events.length > 0 && seq < state.lastSeq) continue;
      // Who comes back then takes over what the dead have left.
      if (!(await this.#next()) && !(await this.#read(reader, isWriterAlive))) return;
    }
  }

  /** A store that may come back is asked again, as long as events wait for it, too. */
  async #read<T>(reader: SseWriter, step: () => T | Promise<T>): Promise<T> {
    const { clock, store, limits } = this.#options;
    const until = clock.now() + (store.outageMs ?? 0);
    for (;;) {
      try {
        return await step();
      } catch (cause) {
        if (reader.closed || clock.now() >= until) throw cause;
        await pause(clock, limits.storeRetryMs);
      }
    }
  }

  /** Resolves when something has changed, or with false after a while. */
  #next(): Promise<boolean> {
    if (this.#hasChanged) return Promise.resolve(true);
    const { clock, limits } = this.#options;
    return new Promise((resolve) => {
      const done = (hasChanged: boolean): void => {
        stop();
        this.#wake = undefined;
        resolve(hasChanged);
      };
      const stop = clock.after(limits.writerCheckMs, () => done(false));
      this.#wake = () => done(true);
    });
  }
}
