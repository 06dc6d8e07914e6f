import type { Cancelling, Io } from '../exchange.js';

type Listener = Parameters<Cancelling['addEventListener']>[1];

/**
 * What ends one call: like an AbortController and its signal in one. A signal of the costly kind is
 * made only for who reads it.
 */
export class Cancellation implements Cancelling {
  aborted = false;
  reason: unknown;
  #first: Listener | undefined;
  // Hardly anything has a second one.
  #others: Set<Listener> | undefined;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    if (this.aborted || listener === this.#first) return;
    if (this.#first === undefined) this.#first = listener;
    else (this.#others ??= new Set()).add(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#others?.delete(listener);
  }

  abort(reason: unknown = noReason()): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const [first, others = []] = [this.#first, this.#others];
    this.#first = undefined;
    if (first !== undefined) tell(first);
    // One that an earlier one has taken back is no longer among them.
    for (const listener of others) tell(listener);
    this.#others = undefined;
    this.#controller?.abort(reason);
  }
}

/** As an AbortSignal does: one that throws is reported, and the others are told all the same. */
function tell(listener: Listener): void {
  try {
    if (typeof listener === 'function') listener();
    else listener.handleEvent();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}

function noReason(): DOMException {
  return new DOMException('This operation was aborted', 'AbortError');
}

/** The costly kind, for those who take no other. */
export function abortSignalOf(cancelling: Cancelling): AbortSignal {
  if (cancelling instanceof AbortSignal) return cancelling;
  if (cancelling instanceof Cancellation) return cancelling.signal;
  const known = signals.get(cancelling);
  if (known !== undefined) return known;
  const controller = new AbortController();
  const forward = (): void => controller.abort(cancelling.reason);
  cancelling.addEventListener('abort', forward, { once: true });
  if (cancelling.aborted) forward();
  signals.set(cancelling, controller.signal);
  return controller.signal;
}

// Each is listened to once, however often somebody asks.
const signals = new WeakMap<Cancelling, AbortSignal>();

/** Resolves when it is cancelled, which it may be already. */
export function cancelled(cancelling: Cancelling): Promise<void> {
  return new Promise((resolve) => {
    if (cancelling.aborted) resolve();
    else cancelling.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** By what to learn that nobody waits for the answer any more, at the least cost. */
export function cancellingOf(io: Io): Cancelling {
  return io.cancelling ?? io.signal;
}
