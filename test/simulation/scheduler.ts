import type { Clock } from '../../src/platform/clock.js';
import type { Trace } from './trace.js';

/** One thing that happens at its time, with a turn of the event loop after it. */
interface Step {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  readonly action: () => void;
  isOff: boolean;
}

/** A part of the world that has a clock, and stops for good when it is killed. */
export interface Process {
  readonly name: string;
  readonly clock: Clock;
  /** Timers that wait. */
  readonly timers: number;
  readonly isDead: boolean;
  /** Waits without a timer of its clock; whatever a dead one waits for never comes. */
  sleep(ms: number): Promise<void>;
  /** None of its timers fires any more. */
  kill(): void;
}

/** Virtual time, and what happens in it: nothing else moves the world. */
export interface Scheduler {
  readonly now: number;
  readonly steps: number;
  /** Things to come that are no timers of a process: bytes on their way, and the like. */
  readonly underWay: number;
  after(ms: number, label: string, action: () => void): () => void;
  process(name: string): Process;
  /** Goes on until `isDone`. False when time or steps are up, or nothing is left to happen. */
  run(isDone: () => boolean, untilMs?: number): Promise<boolean>;
}

const startMs = Date.UTC(2026, 6, 28);

export interface SchedulerOptions {
  readonly trace: Trace;
  readonly stepsMax: number;
  /** Told when a process has more timers than any should need. */
  readonly onTimers: (process: string, timers: number) => void;
}

/** More than this number of timers at once are a leak. */
const timersMax = 100;

export function createScheduler({ trace, stepsMax, onTimers }: SchedulerOptions): Scheduler {
  const heap = createHeap();
  let now = startMs;
  let steps = 0;
  let orders = 0;
  let underWay = 0;

  const add = (ms: number, label: string, action: () => void): Step => {
    const at = now + Math.max(0, ms);
    const step = { at, order: ++orders, label, action, isOff: false };
    heap.push(step);
    return step;
  };
  const after = (ms: number, label: string, action: () => void): (() => void) => {
    underWay++;
    const done = (): void => {
      if (step.isOff) return;
      step.isOff = true;
      underWay--;
    };
    const step = add(ms, label, () => {
      done();
      action();
    });
    return done;
  };
  const process = (name: string): Process => {
    const timers = new Set<Step>();
    let isDead = false;
    const clock: Clock = {
      now: () => now,
      after(ms, action) {
        // A timer for never is none.
        if (isDead || ms === Infinity) return () => undefined;
        const over = (): void => {
          step.isOff = true;
          timers.delete(step);
        };
        const step = add(Math.ceil(ms), `${name} timer`, () => {
          over();
          action();
        });
        timers.add(step);
        if (timers.size > timersMax) onTimers(name, timers.size);
        return over;
      },
      nextTurn: (action) =>
        void after(0, `${name} turn`, () => {
          if (!isDead) action();
        }),
    };
    return {
      name,
      clock,
      get timers() {
        return timers.size;
      },
      get isDead() {
        return isDead;
      },
      sleep: (ms) =>
        new Promise((resolve) => {
          after(ms, `${name} sleeps`, () => {
            if (!isDead) resolve();
          });
        }),
      kill() {
        isDead = true;
        for (const step of timers) step.isOff = true;
        timers.clear();
      },
    };
  };

  return {
    get now() {
      return now;
    },
    get steps() {
      return steps;
    },
    get underWay() {
      return underWay;
    },
    after,
    process,
    async run(isDone, untilMs = Infinity) {
      const end = now + untilMs;
      // What was begun just now may be done already.
      await turn();
      while (!isDone()) {
        const step = heap.pop();
        if (step === undefined || steps >= stepsMax) return false;
        if (step.at > end) {
          heap.push(step);
          now = end;
          return false;
        }
        if (step.isOff) continue;
        now = step.at;
        steps++;
        trace.note(now - startMs, step.label);
        step.action();
        await turn();
      }
      return true;
    },
  };
}

/** Lets all promises settle that can: the only source of turns is the scheduler itself. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function createHeap(): { push(step: Step): void; pop(): Step | undefined } {
  const steps: Step[] = [];
  const isBefore = (one: Step, other: Step): boolean =>
    one.at < other.at || (one.at === other.at && one.order < other.order);
  const sink = (step: Step): void => {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const [left, right] = [steps[child], steps[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const least = steps[child] as Step;
      if (!isBefore(least, step)) break;
      steps[place] = least;
      place = child;
    }
    steps[place] = step;
  };
  return {
    push(step) {
      let place = steps.length;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        const above = steps[parent] as Step;
        if (!isBefore(step, above)) break;
        steps[place] = above;
        place = parent;
      }
      steps[place] = step;
    },
    pop() {
      const first = steps[0];
      const last = steps.pop();
      if (last !== undefined && steps.length > 0) sink(last);
      return first;
    },
  };
}
