/** From figures to the table: medians, ratios within each round, their spread, and the goals. */
import { isOurs, type Row } from './row.js';

/** For each row and entry, the figure of each round, or why there is none. */
export type Figures = Map<string, Map<string, (number | string)[]>>;

export interface EntryResult {
  readonly name: string;
  readonly figure: number | null;
  /** By the limit of the same round; the figure itself where that is judged. */
  readonly ratio: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly met: boolean | null;
  readonly error: string | null;
  readonly figures: readonly (number | null)[];
}

export interface RowResult extends Pick<Row, 'id' | 'title' | 'unit' | 'judged' | 'goal'> {
  readonly entries: readonly EntryResult[];
}

export function summarize(row: Row, taken: ReadonlyMap<string, (number | string)[]>): RowResult {
  const { id, title, unit, judged, goal } = row;
  const ofEntry = (name: string) => taken.get(name) ?? ['not measured: the time was over'];
  const limits = ofEntry(row.entries[0]!.name);
  const entries = row.entries.map(({ name }, at): EntryResult => {
    const figures = ofEntry(name);
    const ratios = figures
      .map((figure, round) => (judged === 'amount' ? Number(figure) : ratio(figure, limits[round])))
      .filter((value) => !Number.isNaN(value));
    const error = figures.find((figure) => typeof figure === 'string') ?? null;
    const failed = figures.filter((figure) => typeof figure === 'string').length;
    const numbers = figures.filter((figure) => typeof figure === 'number');
    const middle = median(ratios);
    const judges = isOurs(name) && (at > 0 || judged === 'amount');
    // What failed once is not met, however good the other rounds are.
    const isMet = middle !== null && failed === 0 && meets(judged, middle, goal);
    return {
      name,
      figure: median(numbers),
      ratio: middle,
      min: ratios.length === 0 ? null : Math.min(...ratios),
      max: ratios.length === 0 ? null : Math.max(...ratios),
      met: judges && taken.has(name) && (failed > 0 || middle !== null) ? isMet : null,
      error,
      figures: figures.map((figure) => (typeof figure === 'number' ? figure : null)),
    };
  });
  return { id, title, unit, judged, goal, entries };
}

function ratio(figure: number | string, limit: number | string | undefined): number {
  return Number(figure) / Number(limit);
}

const meets = (judged: Row['judged'], value: number, goal: number): boolean =>
  judged === 'share' ? value >= goal : value <= goal;

/** In how many of its rounds it failed. */
export const failuresOf = ({ figures }: EntryResult): number =>
  figures.filter((figure) => figure === null).length;

export function median(figures: readonly number[]): number | null {
  const sorted = figures.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
