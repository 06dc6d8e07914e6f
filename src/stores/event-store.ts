/**
 * Where the events of legacy streams are kept until their reader has them. Session and principal
 * are part of every key, so that no implementation can hand one session's events to another.
 */
export interface StreamKey {
  readonly principal: string;
  readonly session: string;
  readonly stream: string;
}

export interface StoredEvent {
  /** 1 for the first event of a stream, then one more each. */
  readonly seq: number;
  /** The JSON text of one message. */
  readonly data: string;
}

export interface EventStore {
  /** Keeps an event and returns its number. */
  append(key: StreamKey, data: string): number | Promise<number>;
  /**
   * The events after `seq`, in order; none after 0 of a stream that has none. Undefined when one of
   * them is no longer kept, or `seq` was never reached: then the caller must say so, never skip.
   */
  after(
    key: StreamKey,
    seq: number,
  ): readonly StoredEvent[] | undefined | Promise<readonly StoredEvent[] | undefined>;
  /** Nothing will be appended any more; the stream may be forgotten after a while. */
  finish(key: StreamKey): void | Promise<void>;
  /** Nobody can come back to the stream any more. */
  forget(key: StreamKey): void | Promise<void>;
  forgetSession(principal: string, session: string): void | Promise<void>;
}
