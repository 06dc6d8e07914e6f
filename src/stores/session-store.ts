/** A legacy session as a store keeps it. */
export interface StoredSession {
  readonly id: string;
  /** The id of the principal that opened it; nobody else can find it. */
  readonly principal: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** What was negotiated and chosen since: a JSON value. */
  readonly record: unknown;
}

export interface SessionStore {
  put(session: StoredSession): void | Promise<void>;
  /** Undefined for an unknown id and for another principal's, without a difference. */
  get(
    principal: string,
    id: string,
  ): StoredSession | undefined | Promise<StoredSession | undefined>;
  delete(principal: string, id: string): void | Promise<void>;
}
