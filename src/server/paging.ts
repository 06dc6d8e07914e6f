import { McpError } from '../errors.js';
import type { Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { fromBase64Url, toBase64Url } from '../platform/random.js';

export interface PagedList {
  /** The page that `cursor` points at; the first without one. Kept until `changed`. */
  page(cursor: string | undefined): Result;
  changed(): void;
}

/**
 * Pages of a list in the order of registration. A page is built once and frozen, so that everything
 * after it (stamping, conversion, JSON text) can be kept with it.
 *
 * A cursor names the last item that was seen, not a position, so that a list which grew in between
 * neither repeats nor skips. Opaque to clients (utilities/pagination).
 */
export function createPagedList(
  member: string,
  items: () => Iterable<readonly [name: string, item: JsonObject]>,
  itemsPerPage: number,
  hints: () => JsonObject,
): PagedList {
  const kept = new Map<string | undefined, Result>();
  // Cursors that a kept page ends with. Others may be as good (another node gave them out, or the
  // list has changed since), but whoever makes them up must not fill the memory.
  const issued = new Set<string | undefined>([undefined]);

  const build = (cursor: string | undefined): Result => {
    const all = [...items()];
    let from = 0;
    if (cursor !== undefined) {
      const last = readCursor(cursor);
      from = all.findIndex(([name]) => name === last) + 1;
      if (from === 0) throw badCursor();
    }
    const some = all.slice(from, from + itemsPerPage);
    const more = from + itemsPerPage < all.length;
    return Object.freeze({
      [member]: some.map(([, item]) => item),
      ...(more ? { nextCursor: writeCursor(some.at(-1)![0]) } : {}),
      ...hints(),
    });
  };

  return {
    page(cursor) {
      const known = kept.get(cursor);
      if (known !== undefined) return known;
      const page = build(cursor);
      if (!issued.has(cursor)) return page;
      kept.set(cursor, page);
      issued.add(page['nextCursor'] as string | undefined);
      return page;
    },
    changed() {
      kept.clear();
      issued.clear();
      issued.add(undefined);
    },
  };
}

function writeCursor(name: string): string {
  return toBase64Url(new TextEncoder().encode(name));
}

function readCursor(cursor: string): string {
  const bytes = fromBase64Url(cursor);
  if (bytes === undefined) throw badCursor();
  return new TextDecoder().decode(bytes);
}

function badCursor(): McpError {
  return new McpError('invalidParams', 'The cursor is not valid (any more): list from the start');
}
