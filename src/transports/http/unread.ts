import type { Limits } from '../../limits.js';

type Max = Pick<Limits, 'eventsPerStreamMax' | 'eventBytesPerStreamMax'>;

/**
 * What no reader has taken yet of a stream. Whoever waits for room waits while that is half of what
 * is kept (decision 15): the other half is for those who say something at the same time, and for
 * what a reader has been given and loses with its connection.
 */
export class Unread {
  readonly #max: Max;
  #events: { readonly seq: number; readonly bytes: number }[] = [];
  #bytes = 0;
  #room: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

  constructor(max: Max) {
    this.#max = max;
  }

  /** A returned promise settles once there is room for more. */
  add(seq: number, bytes: number): void | Promise<void> {
    this.#events.push({ seq, bytes });
    this.#bytes += bytes;
    // More than that is forgotten, by the store as well.
    if (this.#events.length > this.#max.eventsPerStreamMax)
      this.#bytes -= this.#events.shift()!.bytes;
    if (!this.#isFull) return;
    if (this.#room === undefined) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => (open = resolve));
      this.#room = { promise, open };
    }
    return this.#room.promise;
  }

  /** A reader has all up to `seq`. */
  taken(seq: number): void {
    const gone = this.#events.findIndex((event) => event.seq > seq);
    const taken = this.#events.splice(0, gone < 0 ? Infinity : gone);
    for (const { bytes } of taken) this.#bytes -= bytes;
    if (!this.#isFull) this.open();
  }

  /** Nobody waits any more. */
  open(): void {
    this.#room?.open();
    this.#room = undefined;
  }

  get #isFull(): boolean {
    const { eventsPerStreamMax, eventBytesPerStreamMax } = this.#max;
    return (
      this.#events.length * 2 >= eventsPerStreamMax || this.#bytes * 2 >= eventBytesPerStreamMax
    );
  }
}
