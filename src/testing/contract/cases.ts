/** One thing that every implementation of a store has to do. */
export interface ContractCase {
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
}

export type Cases<Opened> = { readonly [name: string]: (opened: Opened) => Promise<void> };

type Maybe<T> = T | Promise<T>;

/** Each case gets what `open` makes anew; whoever calls this closes it. */
export function cases<Opened>(
  all: Cases<Opened>,
  open: () => Maybe<Opened>,
): readonly ContractCase[] {
  return Object.entries(all).map(([name, run]) => ({ name, run: async () => run(await open()) }));
}

/** Does a step for all of them without waiting for one before the next. */
export function atOnce<Item, T>(
  items: readonly Item[],
  step: (item: Item, at: number) => Maybe<T>,
): Promise<readonly T[]> {
  return Promise.all(items.map(async (item, at) => step(item, at)));
}

/** Compares JSON values; the order of members is of no account. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [textOf(actual), textOf(expected)];
  if (got !== wanted) throw new Error(`${what}: ${shown(got)} instead of ${shown(wanted)}`);
}

/** Rejects when `event` does not happen; `what` completes "nobody was told of". */
export async function inTime<T>(event: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nobody was told of ${what}`)), 5000);
  });
  return Promise.race([event, late]).finally(() => clearTimeout(timer));
}

function textOf(value: unknown): string {
  return JSON.stringify(value, sorted) ?? 'undefined';
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function shown(text: string): string {
  return text.length <= 1000 ? text : `${text.slice(0, 1000)}… (${text.length} characters)`;
}
