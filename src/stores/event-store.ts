import type { RequestId } from '../json-rpc/message.js';

/**
 * Where the events of legacy streams are kept until their reader has them. Session and principal
 * are part of every key, so that no implementation can hand one session's events to another.
 */
export interface StreamKey {
  readonly principal: string;
  /** The SHA-256 of the session's id. */
  readonly session: string;
  readonly stream: string;
}

export interface StoredEvent {
  /** 1 for the first event of a stream, then one more each. */
  readonly seq: number;
  /** The JSON text of one message. */
  readonly data: string;
}

/** What a stream is for. */
export interface StreamPurpose {
  /** Who writes it: one endpoint in one process. Another may claim it when that one is gone. */
  readonly owner: string;
  /** It answers requests, or it brings what nobody has asked for. */
  readonly purpose: 'answers' | 'notices';
  /** The requests whose answers are still to come. */
  readonly owed: readonly RequestId[];
}

/** How far a stream has come. */
export interface StreamState extends StreamPurpose {
  readonly lastSeq: number;
  readonly isFinished: boolean;
}

export interface EventStore {
  /** Begins a stream. Called once, before anything is appended to it. */
  begin(key: StreamKey, purpose: StreamPurpose): void | Promise<void>;
  /**
   * Keeps an event and returns its number. `settled`: the request whose answer it is, which is no
   * longer owed from then on.
   */
  append(key: StreamKey, data: string, settled?: RequestId): number | Promise<number>;
  /**
   * The events after `seq`, in order; none after 0 of a stream that has none. Undefined when one of
   * them is no longer kept, or `seq` was never reached: then the caller must say so, never skip.
   */
  after(
    key: StreamKey,
    seq: number,
  ): readonly StoredEvent[] | undefined | Promise<readonly StoredEvent[] | undefined>;
  /** Undefined for a stream that is not, or no longer, known. */
  state(key: StreamKey): StreamState | undefined | Promise<StreamState | undefined>;
  /** Makes `owner` the writer in place of `from`; false when that is no longer the writer. */
  claim(key: StreamKey, from: string, owner: string): boolean | Promise<boolean>;
  /** Nothing will be appended any more; the stream may be forgotten after a while. */
  finish(key: StreamKey): void | Promise<void>;
  /** Nobody can come back to the stream any more. */
  forget(key: StreamKey): void | Promise<void>;
  forgetSession(principal: string, session: string): void | Promise<void>;
}
