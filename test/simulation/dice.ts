import type { Random } from '../../src/platform/random.js';

/** All chance of a schedule: the same for the same seed, on every machine. */
export interface Dice extends Random {
  /** A whole number from 0 on, below `below`. */
  below(below: number): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** True so often, from 0 to 1. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Dice of their own, which a further throw elsewhere does not change. */
  fork(): Dice;
}

/** The small fast counter of PractRand, 32 bits a step: sfc32. */
export function createDice(seed: number): Dice {
  let [a, b, c, count] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + count++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // Seeds that are alike differ in all bits only after some rounds.
  for (let round = 0; round < 12; round++) next();
  const below = (end: number): number => Math.floor((next() / 2 ** 32) * end);
  const dice: Dice = {
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (share) => next() < share * 2 ** 32,
    pick: <T>(from: readonly T[]) => from[below(from.length)] as T,
    bytes: (length) => Uint8Array.from({ length }, () => next() >>> 24),
    fork: () => createDice(next() * 2 ** 21 + (next() >>> 11)),
  };
  return dice;
}
