/** Time, injected so that tests own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `action` once after `ms`; the returned function takes it back. Never keeps a process up. */
  after(ms: number, action: () => void): () => void;
  /** Runs `action` once the current turn, microtasks included, is over. */
  nextTurn(action: () => void): void;
}

type Timer = ReturnType<typeof setTimeout> | number;

function unref(timer: Timer): void {
  if (typeof timer === 'object' && 'unref' in timer) timer.unref();
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer: Timer = setTimeout(action, ms);
    unref(timer);
    return () => clearTimeout(timer);
  },
  nextTurn:
    typeof setImmediate === 'function'
      ? (action) => void setImmediate(action)
      : (action) => void setTimeout(action, 0),
};
