/** Sets of code points, by ranges and by Unicode property, and fast membership. */

export interface CharacterSet {
  readonly negated: boolean;
  /** Pairs of first and last code point, in any order. */
  readonly ranges: readonly number[];
  readonly properties: readonly PropertyTest[];
}

export interface PropertyTest {
  readonly test: RegExp;
  readonly negated: boolean;
}

export function singlePoint(point: number): CharacterSet {
  return { negated: false, ranges: [point, point], properties: [] };
}

/** The one code point of a set, if it is one. */
export function pointOf(set: CharacterSet): number | undefined {
  const [low, high] = set.ranges;
  return set.ranges.length === 2 && low === high ? low : undefined;
}

/** The code points outside `ranges`, which must be in order. */
export function complement(ranges: readonly number[]): number[] {
  const gaps: number[] = [];
  let next = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    const low = ranges[index] ?? 0;
    if (low > next) gaps.push(next, low - 1);
    next = (ranges[index + 1] ?? 0) + 1;
  }
  gaps.push(next, lastPoint);
  return gaps;
}

/** Whether a code point belongs to `set`: a table for ASCII, a binary search beyond it. */
export function membership(set: CharacterSet): (point: number) => boolean {
  const only = set.negated ? undefined : pointOf(set);
  if (only !== undefined && set.properties.length === 0) return (point) => point === only;
  const ranges = mergeRanges(set.ranges);
  const slow = (point: number): boolean => {
    const listed = inRanges(ranges, point) || hasProperty(set.properties, point);
    return listed !== set.negated;
  };
  const ascii = asciiTable(ranges, set);
  // Many states of one pattern ask the same set about the same character in turn.
  let askedPoint = -1;
  let answer = false;
  return (point) => {
    if (point < 128) return ascii[point] === 1;
    if (point !== askedPoint) {
      askedPoint = point;
      answer = slow(point);
    }
    return answer;
  };
}

const lastPoint = 0x10ffff;

function asciiTable(ranges: readonly number[], set: CharacterSet): Uint8Array {
  const table = new Uint8Array(128);
  for (let index = 0; index < ranges.length; index += 2) {
    table.fill(1, ranges[index], (ranges[index + 1] ?? 0) + 1);
  }
  for (let point = 0; point < 128; point += 1) {
    const listed = table[point] === 1 || hasProperty(set.properties, point);
    table[point] = listed === set.negated ? 0 : 1;
  }
  return table;
}

function mergeRanges(ranges: readonly number[]): readonly number[] {
  const pairs: [number, number][] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    pairs.push([ranges[index] ?? 0, ranges[index + 1] ?? 0]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const end = merged.at(-1);
    if (end !== undefined && low <= end + 1) merged[merged.length - 1] = Math.max(end, high);
    else merged.push(low, high);
  }
  return merged;
}

function inRanges(merged: readonly number[], point: number): boolean {
  let low = 0;
  let high = merged.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (point > (merged[2 * middle + 1] ?? 0)) low = middle + 1;
    else high = middle;
  }
  const start = merged[2 * low];
  return start !== undefined && point >= start;
}

function hasProperty(properties: readonly PropertyTest[], point: number): boolean {
  if (properties.length === 0) return false;
  const character = String.fromCodePoint(point);
  return properties.some(({ test, negated }) => test.test(character) !== negated);
}
