/** A legacy session as a store keeps it. */
export interface StoredSession {
  /** The SHA-256 of its id, base64url: whoever reads the store cannot use the session. */
  readonly hash: string;
  /** The id of the principal that opened it; nobody else can find it. */
  readonly principal: string;
  /** As whom bounds count who opened it; absent where nobody can be told apart. */
  readonly countedAs?: string;
  /** Unix time in ms, like all times here. */
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** 1 for a new one, then one more for each change of the record. */
  readonly version: number;
  /** What was negotiated and chosen since: a JSON value. */
  readonly record: unknown;
}

/** How many sessions there may be, on all nodes together. */
export interface SessionRoom {
  readonly max: number;
  /** Of those that are counted as the same caller. */
  readonly perCallerMax: number;
  /** Those seen last before this time count no more, and may be forgotten. */
  readonly seenSince: number;
}

/** Methods reject when the store cannot be reached, and then have done nothing that counts. */
export interface SessionStore {
  /**
   * Other nodes may use and change the sessions as well: what is known of one is looked up for
   * every request.
   */
  readonly isShared: boolean;
  /** Keeps a new session; tells what there are too many of, and keeps nothing then. */
  add(session: StoredSession, room: SessionRoom): Maybe<'added' | 'full' | 'callerIsFull'>;
  /**
   * Keeps `session` in place of the version before it; false, and nothing changes, when another
   * version is kept, or none.
   */
  replace(session: StoredSession): Maybe<boolean>;
  /** It was in use. Nothing happens when it is not kept, or was seen later. */
  touch(principal: string, hash: string, lastSeenAt: number): Maybe<void>;
  /** Undefined for what is unknown and for another principal's, without a difference. */
  get(principal: string, hash: string): Maybe<StoredSession | undefined>;
  delete(principal: string, hash: string): Maybe<void>;
}

type Maybe<T> = T | Promise<T>;
