import { runAll } from './run-all.js';

/** Time, injected so that tests own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Runs `action` once after `ms`, Infinity being never; the returned function takes it back. A
   * process does not stay up for it, unless `holdsProcess` says that somebody waits for nothing
   * else.
   */
  after(ms: number, action: () => void, options?: { readonly holdsProcess: boolean }): () => void;
  /** Runs `action` once the current turn, microtasks included, is over. */
  nextTurn(action: () => void): void;
}

/** What a timer can hold; one that is set for longer fires at once. */
const timerMsMax = 2 ** 31 - 1;

type Timer = ReturnType<typeof setTimeout> | number;

function unref(timer: Timer): void {
  if (typeof timer === 'object' && 'unref' in timer) timer.unref();
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action, options) {
    if (ms <= timerMsMax) {
      const only = setTimeout(action, ms);
      if (options?.holdsProcess !== true) unref(only);
      return () => clearTimeout(only);
    }
    let timer: Timer;
    const wait = (restMs: number): void => {
      const isLast = restMs <= timerMsMax;
      timer = setTimeout(
        isLast ? action : () => wait(restMs - timerMsMax),
        isLast ? restMs : timerMsMax,
      );
      if (options?.holdsProcess !== true) unref(timer);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
  nextTurn(action) {
    if (immediately === undefined) setTimeout(action, 0);
    else if (endOfTurn.push(action) === 1) immediately(runEndOfTurn);
  },
};

/**
 * Runs what it is given at the end of the turn; undefined where nothing does so for certain. Taken
 * once: whoever puts something in its place may later drop what waits there, and those that share
 * a call back would wait for it for ever.
 */
export const immediately: ((action: () => void) => void) | undefined = isOneForAll()
  ? globalThis.setImmediate
  : undefined;

/** Workers drop what a request has left when it ends, and no request may do the work of others. */
function isOneForAll(): boolean {
  if (typeof globalThis.setImmediate !== 'function') return false;
  return globalThis.navigator?.userAgent !== 'Cloudflare-Workers';
}

// What waits for the end of this turn shares one call back: most requests have something there.
let endOfTurn: (() => void)[] = [];

function runEndOfTurn(): void {
  const actions = endOfTurn;
  endOfTurn = [];
  runAll(
    actions,
    (action) => action(),
    (rest) => {
      for (const action of rest) systemClock.nextTurn(action);
    },
  );
}
