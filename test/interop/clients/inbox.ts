/** Events in the order in which they came, for whoever asks for the next one. */
export class Inbox<T> {
  readonly #waiting: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  push(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(item);
    else taker(item);
  }

  next(): Promise<T> {
    const item = this.#waiting.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** What has come and was not asked for yet. */
  drain(): readonly T[] {
    return this.#waiting.splice(0);
  }
}
