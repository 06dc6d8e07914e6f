/** Runs cases by the thousand, and finds out what is wrong with one that fails. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { collectFaults, type Faults } from './faults.js';
import { Random } from './random.js';
import { shrink } from './shrink.js';
import type { Case, Target } from './target.js';

export interface RunOptions {
  readonly seed: number;
  readonly targets: readonly Target[];
  /** Ends after so many inputs, or so much time, whatever comes first. */
  readonly count: number;
  readonly seconds: number;
  /** The index of the first case of each target. */
  readonly from?: number;
  /** One input may keep the event loop, or its answer waiting, for so long. */
  readonly stallMsMax?: number;
  readonly onProgress?: (inputs: number, seconds: number) => void;
}

export interface TargetSum {
  readonly name: string;
  inputs: number;
  /** Time spent on them. */
  ms: number;
  slowestMs: number;
  slowestIndex: number;
}

export interface Failure {
  readonly target: string;
  readonly index: number;
  readonly count: number;
  readonly why: string;
  /** The smallest input found that fails, and why that does. */
  readonly smallest: string;
  /** What runs this alone. */
  readonly command: string;
}

export interface Summary {
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  readonly targets: readonly TargetSum[];
  /** What the process has grown by after its warm-up. */
  readonly rssGrowthMb: number;
  readonly failure?: Failure;
}

/** How exactly the delay of the event loop is measured. */
const delayMs = 10;
/** Inputs of all targets together, before it is looked whether there is time for more. */
const roundInputs = 3000;
const roundsOfMany = 8;

export async function runFuzz(options: RunOptions): Promise<Summary> {
  const { targets, seed } = options;
  const faults = collectFaults();
  try {
    for (const target of targets) await target.open();
    return await new Runner(options, faults).run(seed);
  } finally {
    for (const target of targets) await target.close();
    faults.stop();
  }
}

class Runner {
  readonly #options: RunOptions;
  readonly #faults: Faults;
  readonly #stallMsMax: number;
  readonly #sums: TargetSum[];
  readonly #started = performance.now();
  #inputs = 0;
  #stalledMs = 0;

  constructor(options: RunOptions, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
    this.#stallMsMax = options.stallMsMax ?? 100;
    this.#sums = options.targets.map(({ name }) => ({
      name,
      inputs: 0,
      ms: 0,
      slowestMs: 0,
      slowestIndex: 0,
    }));
  }

  async run(seed: number): Promise<Summary> {
    const { targets, count, seconds, onProgress } = this.#options;
    const warmUp = { inputs: Math.min(count / 4, 60_000), seconds: Math.min(seconds / 4, 60) };
    const shares = targets.reduce((sum, { share }) => sum + share, 0);
    let baseline: number | undefined;
    let failure: Failure | undefined;
    for (let round = 0; failure === undefined && this.#inputs < count; round++) {
      if (this.#seconds() >= seconds) break;
      for (const [at, target] of targets.entries()) {
        // Those that wait are worth a batch only when many wait at once.
        const rounds = target.atOnce > 1 ? roundsOfMany : 1;
        if (round % rounds > 0) continue;
        const share = Math.ceil((target.share * roundInputs * rounds) / shares);
        const most = Math.min(share, count - this.#inputs);
        failure = await this.#batch(target, this.#sums[at]!, most, seed);
        if (failure !== undefined) break;
      }
      const isWarm = this.#inputs >= warmUp.inputs || this.#seconds() >= warmUp.seconds;
      if (isWarm) baseline ??= residentMb();
      onProgress?.(this.#inputs, this.#seconds());
    }
    const rssGrowthMb = residentMb() - (baseline ?? residentMb());
    const summary = {
      seed,
      inputs: this.#inputs,
      seconds: this.#seconds(),
      targets: this.#sums,
      rssGrowthMb,
    };
    return failure === undefined ? summary : { ...summary, failure };
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Runs the next cases of a target. */
  async #batch(
    target: Target,
    sum: TargetSum,
    most: number,
    seed: number,
  ): Promise<Failure | undefined> {
    const first = (this.#options.from ?? 0) + sum.inputs;
    // Many at once are a batch as a whole: some of them wait for long.
    const size = target.atOnce > 1 ? most : 1;
    for (let at = 0; at < most; at += size) {
      const failed = await this.#group(target, sum, seed, first + at, size);
      sum.inputs += size;
      this.#inputs += size;
      if (failed !== undefined) return failed;
    }
    const fault = (await this.#faults.take()) ?? (await this.#checkFault(target));
    if (fault === undefined) return undefined;
    return this.#search(target, seed, first, most, fault);
  }

  async #group(
    target: Target,
    sum: TargetSum,
    seed: number,
    first: number,
    size: number,
  ): Promise<Failure | undefined> {
    const started = performance.now();
    let failed: { index: number; why: string } | undefined;
    const runOne = async (index: number): Promise<void> => {
      const why = await faultOf(target.make(new Random(seed, target.name, index)));
      if (why !== undefined) failed ??= { index, why };
    };
    if (size === 1) {
      // Without promises where there are none: most cases take microseconds.
      const one = target.make(new Random(seed, target.name, first));
      try {
        const running = one.run();
        if (running !== undefined) await running;
      } catch (thrown) {
        failed = { index: first, why: reasonOf(thrown) };
      }
    } else {
      await this.#together(target.atOnce, first, size, runOne);
    }
    const ms = performance.now() - started;
    sum.ms += ms;
    if (failed !== undefined) return this.#explain(target, seed, failed.index, failed.why);
    if (size === 1 && ms > sum.slowestMs) [sum.slowestMs, sum.slowestIndex] = [ms, first];
    if (size > 1) return this.#stall(target, sum, seed, first, size);
    if (ms <= this.#stallMsMax) return undefined;
    const slow = await this.#slowness(target, seed, first);
    // The machine was slow and not the input: what counts is how long it takes by itself.
    sum.slowestMs = slow.ms;
    return slow.why === undefined ? undefined : this.#explain(target, seed, first, slow.why);
  }

  /** Runs cases at once, and notes for how long they kept the event loop at most. */
  async #together(
    atOnce: number,
    first: number,
    size: number,
    runOne: (index: number) => Promise<void>,
  ): Promise<void> {
    const delay = monitorEventLoopDelay({ resolution: delayMs });
    delay.enable();
    let next = first;
    const work = async (): Promise<void> => {
      while (next < first + size) await runOne(next++);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    delay.disable();
    this.#stalledMs = Math.max(0, delay.max / 1e6 - delayMs);
  }

  /** Looks whether one of several cases kept the event loop, and not the machine. */
  async #stall(
    target: Target,
    sum: TargetSum,
    seed: number,
    first: number,
    size: number,
  ): Promise<Failure | undefined> {
    const max = this.#stallMsMax;
    const anew = async (index: number): Promise<void> => {
      await faultOf(target.make(new Random(seed, target.name, index)));
    };
    for (let round = 0; round < 3 && this.#stalledMs > max; round++) {
      await this.#together(target.atOnce, first, size, anew);
    }
    const ms = this.#stalledMs;
    if (ms > sum.slowestMs) [sum.slowestMs, sum.slowestIndex] = [ms, first];
    if (ms <= max) return undefined;
    // Many at once may keep it together; what counts is what one does.
    for (let index = first; index < first + size; index++) {
      let least = Infinity;
      for (let round = 0; round < 3 && least > max; round++) {
        await this.#together(1, index, 1, anew);
        least = Math.min(least, this.#stalledMs);
      }
      const why = `kept the event loop for ${least.toFixed()} ms`;
      if (least > max) return this.#explain(target, seed, index, why);
    }
    return undefined;
  }

  /** Runs a suspect three times alone: only what is slow every time is slow. */
  async #slowness(
    target: Target,
    seed: number,
    index: number,
  ): Promise<{ ms: number; why?: string }> {
    const ms = await fastestOf(3, () => target.make(new Random(seed, target.name, index)));
    const max = this.#stallMsMax;
    return ms <= max ? { ms } : { ms, why: `took ${ms.toFixed()} ms, more than ${max} ms` };
  }

  async #checkFault(target: Target): Promise<string | undefined> {
    try {
      await target.check();
      return undefined;
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }

  /** Something went wrong somewhere within a batch: runs its cases anew, one by one. */
  async #search(
    target: Target,
    seed: number,
    first: number,
    count: number,
    fault: string,
  ): Promise<Failure> {
    for (let index = first; index < first + count; index++) {
      const why = await this.#fails(target.make(new Random(seed, target.name, index)), target);
      if (why !== undefined) return this.#explain(target, seed, index, why);
    }
    const command = commandFor(seed, target.name, first, count);
    const smallest = 'only together';
    return { target: target.name, index: first, count, why: fault, smallest, command };
  }

  async #explain(target: Target, seed: number, index: number, why: string): Promise<Failure> {
    const failing = target.make(new Random(seed, target.name, index));
    const fails = (one: Case): Promise<string | undefined> => this.#fails(one, target);
    const found = await shrink(failing, fails);
    return {
      target: target.name,
      index,
      count: 1,
      why,
      smallest: `${found.smallest.show()}\n${found.why ?? why}`,
      command: commandFor(seed, target.name, index, 1),
    };
  }

  async #fails(one: Case, target: Target): Promise<string | undefined> {
    const started = performance.now();
    const why = await faultOf(one);
    const ms = performance.now() - started;
    const fault = why ?? (await this.#faults.take()) ?? (await this.#checkFault(target));
    if (fault !== undefined || target.atOnce > 1 || ms <= this.#stallMsMax) return fault;
    const again = await fastestOf(2, () => one);
    return again > this.#stallMsMax ? `took ${again.toFixed()} ms` : undefined;
  }
}

/** How long a case takes at least, working or waiting. */
async function fastestOf(times: number, make: () => Case): Promise<number> {
  let fastest = Infinity;
  for (let round = 0; round < times; round++) {
    const one = make();
    const before = process.cpuUsage();
    const started = performance.now();
    await faultOf(one);
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    const busyMs = (user + system) / 1000;
    // Other programs that take the processor away are no fault of the input.
    fastest = Math.min(fastest, Math.max(busyMs, ms - busyMs));
  }
  return fastest;
}

async function faultOf(one: Case): Promise<string | undefined> {
  try {
    await one.run();
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

function commandFor(seed: number, target: string, from: number, count: number): string {
  return `npm run fuzz -- --seed ${seed} --only ${target} --from ${from} --count ${count}`;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

function residentMb(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().rss / 1024 / 1024;
}
