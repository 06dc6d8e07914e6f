/** What a server notes of what reached it. */
export class Notes {
  readonly #runs = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  /** A call was run. */
  ran(marker: string): void {
    this.#runs.set(marker, this.runs(marker) + 1);
  }

  /** The parser took something for a request, with this in its `X-Marker`. */
  saw(marker: string | undefined): void {
    if (marker !== undefined) this.#seen.set(marker, this.seen(marker) + 1);
  }

  runs(marker: string): number {
    return this.#runs.get(marker) ?? 0;
  }

  seen(marker: string): number {
    return this.#seen.get(marker) ?? 0;
  }
}
