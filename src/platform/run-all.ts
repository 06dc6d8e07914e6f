/**
 * Gives all of `items` to `run`. Where one throws, those behind it go to `rest`, which sees to it
 * that they get their turn as well, and the error goes on.
 */
export function runAll<Item>(
  items: readonly Item[],
  run: (item: Item) => void,
  rest: (items: readonly Item[]) => void,
): void {
  let done = 0;
  try {
    for (const item of items) {
      done++;
      run(item);
    }
  } finally {
    if (done < items.length) rest(items.slice(done));
  }
}
