/** The figure below which so many percent of all figures are. */
export function percentile(figures: readonly number[], percent: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

export function rounded(figure: number): number {
  return Math.round(figure * 10) / 10;
}
