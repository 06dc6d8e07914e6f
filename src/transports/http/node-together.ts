/**
 * Answers that are ready in one turn leave at its end, one behind the other: the process at the
 * other end is woken once for all of them, and the requests before them are read undisturbed.
 */
let waiting: (() => void)[] = [];
let waitsSince = 0;

// Taken once: what takes its place for a while, as in tests, may never call back.
const later = globalThis.setImmediate;

/** What is ready waits for one that works for longer at most, and not for all of them. */
const togetherMsMax = 1;

/** Has `send` called when the turn is over, or before: when `togetherMax` wait, or for long. */
export function sendTogether(send: () => void, togetherMax: number): void {
  if (waiting.push(send) === 1) {
    waitsSince = performance.now();
    later(sendNow);
  } else if (waiting.length >= togetherMax) {
    sendNow();
  } else {
    sendLate();
  }
}

/** Sends what waits if that has waited for long; to be called before more work is begun. */
export function sendLate(): void {
  if (waiting.length > 0 && performance.now() - waitsSince >= togetherMsMax) sendNow();
}

/** Sends what waits. */
export function sendNow(): void {
  const sends = waiting;
  waiting = [];
  let sent = 0;
  try {
    for (const send of sends) {
      sent++;
      send();
    }
  } finally {
    // One that throws does not take the others with it.
    if (sent < sends.length) {
      waiting = [...sends.slice(sent), ...waiting];
      later(sendNow);
    }
  }
}
