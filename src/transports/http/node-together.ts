import type { Limits } from '../../limits.js';
import { runAll } from '../../platform/run-all.js';

/**
 * Answers that are ready in one turn leave at its end, one behind the other: the process at the
 * other end is woken once for all of them, and the requests before them are read undisturbed.
 */
let waiting: (() => void)[] = [];
let waitUntil = 0;

// Taken once: what takes its place for a while, as in tests, may never call back.
const later = globalThis.setImmediate;

export type TogetherLimits = Pick<Limits, 'answersTogetherMax' | 'answersTogetherMs'>;

/** Has `send` called when the turn is over, or before: when many wait, or one for long. */
export function sendTogether(send: () => void, limits: TogetherLimits): void {
  if (waiting.push(send) === 1) {
    waitUntil = performance.now() + limits.answersTogetherMs;
    later(sendNow);
  } else if (waiting.length >= limits.answersTogetherMax) {
    sendNow();
  } else {
    sendLate();
  }
}

/** Sends what waits if that has waited for long; to be called before more work is begun. */
export function sendLate(): void {
  if (waiting.length > 0 && performance.now() >= waitUntil) sendNow();
}

/** Sends what waits. */
export function sendNow(): void {
  const sends = waiting;
  waiting = [];
  runAll(
    sends,
    (send) => send(),
    (rest) => {
      waiting = [...rest, ...waiting];
      later(sendNow);
    },
  );
}
