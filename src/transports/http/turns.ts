/** Lets so many act at once for each key; the others wait, in their order. */
export interface Turns {
  /** Resolves when it is somebody's turn; with false, at once, where too many wait already. */
  enter(key: string): Promise<boolean>;
  /** Ends a turn. */
  leave(key: string): void;
}

export function createTurns(atOnceMax: number, waitingMax: number): Turns {
  const places = new Map<string, Place>();
  return {
    async enter(key) {
      let place = places.get(key);
      if (place === undefined) places.set(key, (place = { taken: 0, waiting: [] }));
      if (place.taken < atOnceMax) {
        place.taken++;
        return true;
      }
      const { waiting } = place;
      if (waiting.length >= waitingMax) return false;
      // Whoever leaves hands the turn over.
      await new Promise<void>((resolve) => waiting.push(resolve));
      return true;
    },
    leave(key) {
      const place = places.get(key)!;
      const next = place.waiting.shift();
      if (next !== undefined) return next();
      place.taken--;
      if (place.taken === 0) places.delete(key);
    },
  };
}

interface Place {
  taken: number;
  readonly waiting: (() => void)[];
}
