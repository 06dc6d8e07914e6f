/** A secret that seals what callers carry. */
export interface SealingKey {
  /** Stands, readable, before what it seals. Base64url, at most 16 characters. */
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  readonly createdAt: number;
}

export interface KeyStore {
  /**
   * The keys, newest first. Adds `fresh` when the newest was made before `renewBefore`, or there is
   * none; forgets those made before `forgetBefore`. One step for all nodes: whoever calls at the
   * same time gets the same keys.
   */
  ring(
    fresh: SealingKey,
    times: { readonly renewBefore: number; readonly forgetBefore: number },
  ): readonly SealingKey[] | Promise<readonly SealingKey[]>;
}
