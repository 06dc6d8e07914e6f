/** The name among `names` that was probably meant, for people who mistyped. */
export function closest(typed: string, names: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase().slice(0, lengthMax);
  // A third of the letters may be wrong; more is another word.
  let distanceMax = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let found: string | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase().slice(0, lengthMax));
    if (distance < distanceMax) [distanceMax, found] = [distance, name];
  }
  return found;
}

/** `names` in a sentence, shortened when there are many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownMax).join(', ');
  return names.length > shownMax ? `${shown} and ${names.length - shownMax} more` : shown;
}

// Names come from servers: comparing them stays cheap.
const lengthMax = 64;
const shownMax = 10;

/** Insertions, deletions, changes and swaps of neighbours that turn one into the other. */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const isSwap = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (i > 1 && j > 1 && isSwap) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[other.length]!;
}
