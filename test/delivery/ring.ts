/**
 * Notices have no room for a number, but they name a resource: the nth names the nth of a ring. A
 * reader that has not lost half a round knows each number.
 */
export interface Ring {
  readonly name: string;
  readonly size: number;
}

export function urisOf(ring: Ring): string[] {
  return Array.from({ length: ring.size }, (_, at) => uriOf(ring, at));
}

export function uriOf({ name, size }: Ring, n: number): string {
  return `note:///${name}/${n % size}`;
}

/**
 * Which notice of a ring that is, for a reader that has come to number `last`; undefined for one of
 * another ring.
 */
export function numberOf({ name, size }: Ring, uri: string, last: number): number | undefined {
  const prefix = `note:///${name}/`;
  if (!uri.startsWith(prefix)) return undefined;
  const ahead = (((Number(uri.slice(prefix.length)) - last) % size) + size) % size;
  // Up to half a round ahead is ahead; what else is behind.
  return ahead <= size / 2 ? last + ahead : last + ahead - size;
}
