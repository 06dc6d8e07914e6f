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
  /** 1 for the first event of a stream, then one more each; given by its writer. */
  readonly seq: number;
  /** The JSON text of one message. */
  readonly data: string;
}

/** What a stream is for. */
export interface StreamPurpose {
  /** The node that writes it. Another may claim it when that one is gone. */
  readonly owner: string;
  /** It answers requests, or it brings what nobody has asked for. */
  readonly purpose: 'answers' | 'notices';
  /** The requests whose answers are still to come. */
  readonly owed: readonly RequestId[];
}

/** How far a stream has come. */
export interface StreamState extends StreamPurpose {
  /** The number of its newest event, kept or not. */
  readonly lastSeq: number;
  readonly isFinished: boolean;
}

/**
 * Methods reject when the store cannot be reached, and then have done nothing that counts: an event
 * that was not taken leaves a gap in the numbers, which readers are told of.
 */
export interface EventStore {
  /**
   * For how long appending may fail before an event counts as lost, in ms: a store that says so may
   * have taken what it seemed to refuse. Absent: nothing is tried again.
   */
  readonly outageMs?: number;
  /** Begins a stream, in place of whatever had its name. Called before anything is appended. */
  begin(key: StreamKey, purpose: StreamPurpose): void | Promise<void>;
  /**
   * Keeps an event. `settled`: the request whose answer it is, which is no longer owed from then
   * on. False, and nothing is kept, when `owner` does not write the stream (any more): another has
   * claimed it, or its session has ended. A number beyond the next one is kept, too; what came
   * before the gap then cannot be read any more. The very same event once more changes nothing;
   * another one with a number that there was already is refused: by throwing, or rejecting.
   */
  append(
    key: StreamKey,
    owner: string,
    event: StoredEvent,
    settled?: RequestId,
  ): boolean | Promise<boolean>;
  /**
   * The events after `seq`, in order; none after 0 of a stream that has none. Undefined when one of
   * them is not (any more) kept, or `seq` was never reached: then the caller must say so, never
   * skip. `bytesMax`: only the first of them, that have no more bytes, as the store counts them,
   * but at least one.
   */
  after(
    key: StreamKey,
    seq: number,
    bytesMax?: number,
  ): readonly StoredEvent[] | undefined | Promise<readonly StoredEvent[] | undefined>;
  /** Undefined for a stream that is not, or no longer, known. */
  state(key: StreamKey): StreamState | undefined | Promise<StreamState | undefined>;
  /**
   * Makes `owner` the writer in place of `from`, and tells how far the stream had come at that very
   * moment; undefined when `from` is no longer the writer, or the stream is finished or unknown.
   */
  claim(
    key: StreamKey,
    from: string,
    owner: string,
  ): StreamState | undefined | Promise<StreamState | undefined>;
  /**
   * Nothing will be appended after `lastSeq`; the stream may be forgotten after a while. Nothing
   * happens unless `owner` writes it.
   */
  finish(key: StreamKey, owner: string, lastSeq: number): void | Promise<void>;
  /** Nobody can come back to the stream any more. */
  forget(key: StreamKey): void | Promise<void>;
  forgetSession(principal: string, session: string): void | Promise<void>;
  /**
   * Calls `changed` after events were appended, or the stream was finished, claimed or forgotten,
   * by any node; perhaps once for many. Resolves when it watches, with what ends it.
   */
  watch(key: StreamKey, changed: () => void): (() => void) | Promise<() => void>;
}
