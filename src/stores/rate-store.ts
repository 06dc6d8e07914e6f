/** How often something may happen for one caller. */
export interface Rate {
  /** Tells it from other rates. */
  readonly name: string;
  /** How many at once. */
  readonly burst: number;
  /** In which time so many, in ms. */
  readonly inMs: number;
}

/** Counts what callers do, for one process or for many. */
export interface RateStore {
  /**
   * Takes `count` of what `key` may do; 0 only looks. Resolves with 0, or with how many ms to wait
   * when less is left.
   */
  take(rate: Rate, key: string, count: number): Promise<number>;
}
