import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';

/** What a runtime tells of its own load. */
export interface LoadProbe {
  /** How late the event loop was on average since it was last asked, in ms. */
  lagMs(): number;
  /** How much of the memory that the program may use is in use, from 0 to 100. */
  heapPercent(): number;
  /** A clock that nobody sets, in ms, where there is one: a step of time is no load. */
  nowMs?(): number;
  stop(): void;
}

/** Whether there is too much to do, or too little memory to do it with. */
export interface Load {
  /** New work would only make everything later. */
  readonly isHigh: boolean;
  /** Counts a piece of new work that asks to be let in. */
  asked(): void;
  /** Looks at `probe` from now on, instead of any other. */
  watch(probe: LoadProbe): void;
  stop(): void;
}

export interface LoadOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** Called at every look while memory is all but used up. */
  readonly onCritical: () => void;
}

// One long turn is no overload: two looks in a row say that it goes on, or that it is over.
const looksInARow = 2;
// How much later than a look may be, a whole turn must be to say so by itself.
const turnsLate = 2;
// A state that begins at a bound does not end right below it, or it would come and go.
const recovery = 0.9;

/** Without a probe the load is never high. */
export function createLoad({ limits, clock, onCritical }: LoadOptions): Load {
  const { loopLagMsMax, heapPercentShed, heapPercentCut, loadCheckMs, loadCrowdMin } = limits;
  let isHigh = false;
  let differing = 0;
  /** What has asked since the last look, and in the time before that. */
  let [asked, askedBefore] = [0, 0];
  let probe: LoadProbe | undefined;
  let stopTimer: (() => void) | undefined;
  let nextLookAt = Infinity;

  const now = (): number => probe?.nowMs?.() ?? clock.now();
  const look = (current: LoadProbe): void => {
    const [lag, heap] = [current.lagMs(), current.heapPercent()];
    const part = isHigh ? recovery : 1;
    const isLate = lag > loopLagMsMax * part && (isHigh || isCrowded());
    const above = isLate || heap > heapPercentShed * part;
    differing = above === isHigh ? 0 : differing + 1;
    if (differing >= looksInARow) {
      isHigh = above;
      differing = 0;
    }
    [asked, askedBefore] = [0, asked];
    if (heap > heapPercentCut) onCritical();
  };
  // A tool that computes for a second makes everything late, and is no crowd to be turned away.
  const isCrowded = (): boolean => asked + askedBefore >= loadCrowdMin;
  const lookAgain = (current: LoadProbe): void => {
    nextLookAt = now() + loadCheckMs;
    stopTimer = clock.after(loadCheckMs, () => {
      look(current);
      lookAgain(current);
    });
  };
  const stop = (): void => {
    stopTimer?.();
    nextLookAt = Infinity;
    probe?.stop();
    probe = undefined;
    isHigh = false;
  };

  return {
    get isHigh() {
      // A look that is overdue says by how much this very turn is late: without that, all that has
      // piled up in the meantime would be taken on in one turn, which makes the next one longer.
      return isHigh || (isCrowded() && now() - nextLookAt > turnsLate * loopLagMsMax);
    },
    asked: () => void asked++,
    watch(given) {
      stop();
      probe = given;
      lookAgain(given);
    },
    stop,
  };
}
