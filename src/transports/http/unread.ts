export interface UnreadMax {
  /** How many events a store keeps of a stream, and how many bytes. */
  readonly keptEventsMax: number;
  readonly keptBytesMax: number;
}

/**
 * What was said on a stream since anybody read it. Where one more would have a store forget an
 * unread event, those who wait for room wait until it is read (decision 15).
 */
export class Unread {
  readonly #max: UnreadMax;
  #events = 0;
  #bytes = 0;
  #room: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

  constructor(max: UnreadMax) {
    this.#max = max;
  }

  add(bytes: number): void | Promise<void> {
    this.#events++;
    this.#bytes += bytes;
    const { keptEventsMax, keptBytesMax } = this.#max;
    if (this.#events < keptEventsMax && this.#bytes < keptBytesMax) return;
    if (this.#room === undefined) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => (open = resolve));
      this.#room = { promise, open };
    }
    return this.#room.promise;
  }

  /** Somebody reads, or nobody will. */
  read(): void {
    this.#events = this.#bytes = 0;
    this.#room?.open();
    this.#room = undefined;
  }
}
