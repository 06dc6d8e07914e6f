/** What a stream of events numbered from 1 on has come to, as its reader saw it. */
export class Tally {
  #next = 1;
  /** Numbers that were skipped, and have not come since. */
  readonly #missing = new Set<number>();
  /** Came once more. */
  duplicated = 0;
  /** Came after a later one. */
  reordered = 0;

  take(n: number): void {
    if (n >= this.#next) {
      for (let skipped = this.#next; skipped < n; skipped++) this.#missing.add(skipped);
      this.#next = n + 1;
    } else if (this.#missing.delete(n)) {
      this.reordered++;
    } else {
      this.duplicated++;
    }
  }

  /** The highest number that has come. */
  get last(): number {
    return this.#next - 1;
  }

  /** How many of the first `sent` have not come. */
  lost(sent: number): number {
    const skipped = [...this.#missing].filter((n) => n <= sent).length;
    return skipped + Math.max(0, sent - this.last);
  }
}
