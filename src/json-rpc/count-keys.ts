/**
 * How many members the objects inside `value` have. `JSON.parse` silently keeps the last of two
 * members with one name, so fewer keys here than members in the text mean that a name was used
 * twice: two readers of the same bytes could then see two different messages. NaN, which equals
 * nothing, when a key is `__proto__`.
 */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  // `for in` is the fastest walk, and exact as long as nobody has extended Object.prototype.
  for (const _ in Object.prototype) return countOwnKeys(value);
  return countEnumerableKeys(value as Tree);
}

interface Tree {
  readonly [key: string]: unknown;
}

function countEnumerableKeys(tree: Tree): number {
  let count = 0;
  if (Array.isArray(tree)) {
    for (const item of tree) {
      if (typeof item === 'object' && item !== null) count += countEnumerableKeys(item as Tree);
    }
    return count;
  }
  for (const key in tree) {
    if (key === '__proto__') return NaN;
    count++;
    const item = tree[key];
    if (typeof item === 'object' && item !== null) count += countEnumerableKeys(item as Tree);
  }
  return count;
}

function countOwnKeys(tree: object): number {
  const isArray = Array.isArray(tree);
  let count = 0;
  for (const [key, item] of Object.entries(tree)) {
    if (key === '__proto__') return NaN;
    if (!isArray) count++;
    if (typeof item === 'object' && item !== null) count += countOwnKeys(item as object);
  }
  return count;
}
