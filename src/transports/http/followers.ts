import { FollowedStream, type FollowOptions } from './follow.js';

/** The readers of one session that read here what other nodes write. */
export class Followers {
  readonly #streams = new Set<FollowedStream>();

  get size(): number {
    return this.#streams.size;
  }

  /** `tellReader`: tells the writer whether somebody reads, and how far. */
  follow(
    options: Omit<FollowOptions, 'onReading'>,
    tellReader: (isThere: boolean, seq?: number) => void,
  ): FollowedStream {
    // A reader that has come back is one, and its older connection is over.
    this.letGo(options.key.stream);
    const stream = new FollowedStream(
      { ...options, onReading: (seq) => tellReader(true, seq) },
      () => {
        this.#streams.delete(stream);
        // Whoever still reads it here says so again before long.
        tellReader(false);
      },
    );
    this.#streams.add(stream);
    return stream;
  }

  /** Those of one stream, or all. */
  letGo(name?: string): void {
    for (const stream of this.#streams) {
      if (name === undefined || stream.name === name) stream.letGo();
    }
  }
}
