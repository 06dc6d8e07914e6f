/** How the time of a function grows with its input, on a machine that does other things too. */

/** One kind of input for one function, chosen to be as bad as can be. */
export interface Row {
  /** The exported functions of src that do the work, as `folder/file.name`. */
  readonly covers: readonly string[];
  readonly name: string;
  /** The largest size: where a bound lies below 1 MiB, that bound. */
  readonly most?: number;
  /** By how much the time may grow, where the engine itself is not linear. */
  readonly growthMax?: number;
  prepare(size: number): () => void;
}

/** A row whose input is made beforehand, so that making it takes no part. */
export function row<Input>(
  covers: string,
  name: string,
  make: (size: number) => Input,
  run: (input: Input) => unknown,
  most?: number,
): Row {
  return {
    covers: covers.split(' '),
    name,
    ...(most === undefined ? {} : { most }),
    prepare(size) {
      const input = make(size);
      return () => void run(input);
    },
  };
}

/** One row for many texts that one part is repeated to: the worst of them decides. */
export function rowOfAll(
  covers: string,
  name: string,
  texts: readonly ((size: number) => string)[],
  run: (text: string) => unknown,
  most?: number,
): Row {
  const make = (size: number): string[] => texts.map((text) => text(size));
  return row(covers, name, make, (all) => all.forEach((text) => run(text)), most);
}

/** `part` again and again, up to `size`. */
export function fill(part: string, size: number): string {
  return part.repeat(Math.max(1, Math.floor(size / part.length)));
}

export const mostBytes: number = 1024 * 1024;

/** As much as doubling the input may take; what is linear takes about 2, what is quadratic 4. */
export const growthMax = 2.3;

const doublings = 3;
const sampleMs = 2;
const samples = 2;
const attemptsMax = 24;

export interface Growth {
  /** By how much the time grows when the size doubles: the last time, or the mean of three. */
  readonly factor: number;
  /** For the largest input. */
  readonly ms: number;
}

/** By how much the time of a row grows. */
export function measure(one: Row, attempts: number = attemptsMax): Growth {
  const { most = mostBytes, growthMax: max = growthMax } = one;
  const growth = measureUpTo(most, one, attempts);
  // What grows faster than it should does so at any size; where a cache ends is one place.
  const again = growth.factor > max ? measureUpTo(most >> 1, one, attempts) : growth;
  return { ...growth, factor: Math.min(growth.factor, again.factor) };
}

function measureUpTo(
  most: number,
  { prepare, growthMax: max = growthMax }: Row,
  attempts: number,
): Growth {
  const [small, half, large] = [prepare(most >> doublings), prepare(most >> 1), prepare(most)];
  let [smallMs, halfMs, ms] = [Infinity, Infinity, Infinity];
  let growth: Growth = { factor: Infinity, ms: Infinity };
  // Noise only ever adds time, so the least of many samples comes near the truth.
  for (let attempt = 0; attempt < attempts && growth.factor > max; attempt++) {
    smallMs = Math.min(smallMs, leastMs(small));
    halfMs = Math.min(halfMs, leastMs(half));
    ms = Math.min(ms, leastMs(large));
    // What is worse than linear is so in both ways of looking; caches and collectors rarely are.
    growth = { factor: Math.min((ms / smallMs) ** (1 / doublings), ms / halfMs), ms };
  }
  return growth;
}

/** The least time of one run, from samples that are long enough for the clock. */
function leastMs(run: () => void): number {
  let times = 1;
  let taken = msOf(run, times);
  while (taken < sampleMs) taken = msOf(run, (times *= taken < sampleMs / 8 ? 8 : 2));
  let least = taken;
  for (let sample = 1; sample < samples; sample++) least = Math.min(least, msOf(run, times));
  return least / times;
}

/** Time of the processor, which other programs cannot take away. */
function msOf(run: () => void, times: number): number {
  const before = process.cpuUsage();
  for (let at = 0; at < times; at++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
