import type { Dice } from './dice.js';

/** How often things go wrong in one schedule: each a share from 0 to 1. */
export interface Faults {
  /** Nobody is reached. */
  readonly refuse: number;
  /** A request breaks off before the server has it. */
  readonly lose: number;
  /** It breaks off in the middle of its body. */
  readonly cutBody: number;
  /** An answer is cut after some of its bytes. */
  readonly cut: number;
  /** A piece of an answer waits for long: its reader, or the way to it, stalls. */
  readonly stall: number;
  /** A store answers in a later turn. */
  readonly storeLate: number;
  /** It fails, and has done nothing. */
  readonly storeFails: number;
  /** It fails, and has done what it was asked to do. */
  readonly storeLies: number;
  /** What one node says to another is lost. */
  readonly tellLost: number;
  /** A child dies with a piece that it reads or writes. */
  readonly childDies: number;
}

const none: Faults = {
  refuse: 0,
  lose: 0,
  cutBody: 0,
  cut: 0,
  stall: 0,
  storeLate: 0,
  storeFails: 0,
  storeLies: 0,
  tellLost: 0,
  childDies: 0,
};

/** How often at most. */
const most: Faults = {
  refuse: 0.2,
  lose: 0.1,
  cutBody: 0.1,
  cut: 0.6,
  stall: 0.05,
  storeLate: 0.5,
  storeFails: 0.1,
  storeLies: 0.05,
  tellLost: 0.2,
  childDies: 0.02,
};

/** Only some things go wrong in one schedule, or all of them would hide what each does alone. */
export function drawFaults(dice: Dice): Faults {
  const share = dice.pick([0, 0.3, 0.6, 1]);
  return Object.fromEntries(
    Object.entries(most).map(([name, top]) => [
      name,
      dice.chance(share) ? top * dice.pick([0.2, 1]) : 0,
    ]),
  ) as unknown as Faults;
}

/** Faults that stop when the world has healed. */
export function untilHealed(faults: Faults): { readonly now: Faults; heal(): void } {
  let current = faults;
  return {
    get now() {
      return current;
    },
    heal: () => void (current = none),
  };
}
