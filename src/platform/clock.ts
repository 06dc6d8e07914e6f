/** Time, injected so that tests own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Runs `action` once after `ms`; the returned function takes it back. A process does not stay up
   * for it, unless `holdsProcess` says that somebody waits for nothing else.
   */
  after(ms: number, action: () => void, options?: { readonly holdsProcess: boolean }): () => void;
  /** Runs `action` once the current turn, microtasks included, is over. */
  nextTurn(action: () => void): void;
}

type Timer = ReturnType<typeof setTimeout> | number;

function unref(timer: Timer): void {
  if (typeof timer === 'object' && 'unref' in timer) timer.unref();
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action, options) {
    const timer: Timer = setTimeout(action, ms);
    if (options?.holdsProcess !== true) unref(timer);
    return () => clearTimeout(timer);
  },
  nextTurn:
    typeof setImmediate === 'function'
      ? (action) => void setImmediate(action)
      : (action) => void setTimeout(action, 0),
};
