/** A legacy session as a store keeps it. */
export interface StoredSession {
  /** The SHA-256 of its id, base64url: whoever reads the store cannot use the session. */
  readonly hash: string;
  /** The id of the principal that opened it; nobody else can find it. */
  readonly principal: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** What was negotiated and chosen since: a JSON value. */
  readonly record: unknown;
}

export interface SessionStore {
  /** Keeps a session, in place of what was kept of it. */
  put(session: StoredSession): void | Promise<void>;
  /** Undefined for what is unknown and for another principal's, without a difference. */
  get(
    principal: string,
    hash: string,
  ): StoredSession | undefined | Promise<StoredSession | undefined>;
  delete(principal: string, hash: string): void | Promise<void>;
}
