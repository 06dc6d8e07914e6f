/** What can be fuzzed: how inputs are made, what must hold for each, how they become smaller. */
import type { Random } from './random.js';

export interface TargetParts<Input> {
  readonly name: string;
  /** How many of a hundred inputs are for this target. */
  readonly share: number;
  /** How many cases may run at once. Default 1. */
  readonly atOnce?: number;
  make(random: Random): Input;
  /** Throws, or rejects, when what must hold does not. */
  run(input: Input): void | Promise<void>;
  /** Inputs that are a little smaller, the most promising first. */
  smaller(input: Input): Iterable<Input>;
  show(input: Input): string;
  open?(): Promise<void>;
  /** Between batches: whatever is served must still be served. */
  check?(): Promise<void>;
  close?(): Promise<void>;
}

/** One input of whatever kind. */
export interface Case {
  run(): void | Promise<void>;
  smaller(): Iterable<Case>;
  show(): string;
}

export interface Target {
  readonly name: string;
  readonly share: number;
  readonly atOnce: number;
  make(random: Random): Case;
  open(): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export function defineTarget<Input>(parts: TargetParts<Input>): Target {
  const caseOf = (input: Input): Case => ({
    run: () => parts.run(input),
    *smaller() {
      for (const one of parts.smaller(input)) yield caseOf(one);
    },
    show: () => parts.show(input),
  });
  return {
    name: parts.name,
    share: parts.share,
    atOnce: parts.atOnce ?? 1,
    make: (random) => caseOf(parts.make(random)),
    open: async () => parts.open?.(),
    check: async () => parts.check?.(),
    close: async () => parts.close?.(),
  };
}

/** What must hold does not. */
export function insist(holds: boolean, otherwise: () => string): asserts holds {
  if (!holds) throw new Error(otherwise());
}

/** Fails where two values that have JSON differ. */
export function insistSame(left: unknown, right: unknown, what: string): void {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  if (a !== b) throw new Error(`${what} differ:\n  ${clip(a)}\n  ${clip(b)}`);
}

/** A long text cut for a report. */
export function clip(text: string | undefined, most: number = 600): string {
  if (text === undefined) return 'undefined';
  return text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
}
