/** What a row of the table is: a workload, who does it, and how its figures are judged. */
import type { Until } from './load/until.js';

export interface Effort {
  /** How long a workload is measured, and warmed up before. */
  readonly measureMs: number;
  readonly warmMs: number;
  /** Sizes of the workloads that are counted rather than timed, from 0 to 1. */
  readonly scale: number;
}

export interface Entry {
  readonly name: string;
  /** One figure of one fresh process, in the unit of the row. */
  readonly measure: (effort: Effort) => Promise<number>;
}

export interface Row {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /**
   * `share`: the figure by that of the first entry, the limit; more is better. `times`: the same,
   * less is better. `amount`: the figure itself, less is better.
   */
  readonly judged: 'share' | 'times' | 'amount';
  /** What ours has to reach: at least for a share, at most else. */
  readonly goal: number;
  readonly entries: readonly Entry[];
}

/** The same measurement of each of them. */
export const entriesOf = <One extends { readonly name: string }>(
  all: readonly One[],
  measure: (one: One, effort: Effort) => Promise<number>,
): Entry[] => all.map((one) => ({ name: one.name, measure: (effort) => measure(one, effort) }));

/** Until V8 has compiled what a call runs, or the time shows that it never will. */
export const warm = ({ warmMs }: Effort): Until => ({ ms: warmMs, atLeast: 10_000 });

export const ourName = 'sallyport';
export const isOurs = (entry: string): boolean => entry.startsWith(ourName);
