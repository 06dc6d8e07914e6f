import type { Clock } from './clock.js';

export interface Seldom {
  /** Acts at once, if it has not lately; else once for all that ask for it in that time. */
  act(): void;
  stop(): void;
}

/** Has `action` done no more than once in `ms`, and always after it was last asked for. */
export function seldom(clock: Clock, ms: number, action: () => void): Seldom {
  let rest: (() => void) | undefined;
  let isAsked = false;
  const act = (): void => {
    isAsked = rest !== undefined;
    if (isAsked) return;
    rest = clock.after(ms, () => {
      rest = undefined;
      if (isAsked) act();
    });
    action();
  };
  return { act, stop: () => rest?.() };
}
