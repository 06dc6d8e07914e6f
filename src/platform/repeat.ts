import type { Clock } from './clock.js';

/**
 * Does `step` again and again, `ms` after it was done the last time. What fails is of no account:
 * it comes again. The returned function ends that.
 */
export function repeat(clock: Clock, ms: number, step: () => unknown): () => void {
  let isStopped = false;
  let stop = (): void => undefined;
  const later = (): void => {
    if (!isStopped) stop = clock.after(ms, () => void doIt().catch(nothing).finally(later));
  };
  const doIt = async (): Promise<unknown> => step();
  later();
  return () => {
    isStopped = true;
    stop();
  };
}

const nothing = (): void => undefined;
