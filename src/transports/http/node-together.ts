/**
 * Answers that are ready in one turn leave at its end, one behind the other: the process at the
 * other end is woken once for all of them, and the requests before them are read undisturbed.
 */
const waiting: (() => void)[] = [];

/** Has `send` called when the turn is over, or before: when `togetherMax` wait. */
export function sendTogether(send: () => void, togetherMax: number): void {
  if (waiting.push(send) === 1) setImmediate(sendNow);
  else if (waiting.length >= togetherMax) sendNow();
}

/** Sends what waits. */
export function sendNow(): void {
  for (const send of waiting.splice(0)) send();
}
