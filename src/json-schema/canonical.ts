/** One text for each JSON value, the same for equal values whatever the order of their keys. */

import type { Work } from './pattern.js';

/** The text of `value`. Throws a RangeError for values that nest too deeply to be JSON. */
export function canonical(value: unknown, work: Work, depth = 0): string {
  // Making text takes about twice as long as looking.
  work.spend(2);
  if (depth > depthMax) throw new RangeError('The value nests too deeply.');
  if (typeof value === 'string') {
    work.spend(value.length >> 6);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item, work, depth + 1)).join(',')}]`;
  }
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    members.push(`${JSON.stringify(name)}:${canonical(member, work, depth + 1)}`);
  }
  return `{${members.join(',')}}`;
}

// Messages nest 64 levels at most; this only stops a value that contains itself.
const depthMax = 256;
