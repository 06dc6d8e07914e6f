import { McpError } from '../errors.js';
import type { Result } from '../exchange.js';
import type { Limits } from '../limits.js';

/**
 * All items of a list, page by page; an empty string is a cursor like any other. When a list
 * changes so that its old cursors lead nowhere, it is read once more from the start.
 */
export async function allPages(
  method: string,
  member: string,
  limits: Limits,
  readPage: (params: { readonly cursor?: unknown }) => Promise<Result>,
): Promise<readonly unknown[]> {
  const { pagesMax, listedItemsMax } = limits;
  let items: unknown[] = [];
  let cursor: unknown;
  let seen = new Set<unknown>();
  let hasRestarted = false;
  for (let page = 0; page < pagesMax; page++) {
    try {
      const result = await readPage(cursor === undefined ? {} : { cursor });
      items = items.concat(result[member]);
      cursor = result['nextCursor'];
    } catch (thrown) {
      if (cursor === undefined || hasRestarted || !isBadCursor(thrown)) throw thrown;
      hasRestarted = true;
      [items, cursor, seen] = [[], undefined, new Set()];
      continue;
    }
    if (items.length > listedItemsMax) throw endless(`${method} has over ${listedItemsMax} items`);
    if (cursor === undefined) return items;
    // The same question has the same answer.
    if (seen.has(cursor)) throw endless(`${method} leads back to a page that was read already`);
    seen.add(cursor);
  }
  throw endless(`${method} has more than ${pagesMax} pages`);
}

function isBadCursor(thrown: unknown): boolean {
  return thrown instanceof McpError && thrown.kind === 'invalidParams' && thrown.fromPeer;
}

function endless(what: string): McpError {
  return new McpError('badResponse', `${what}; is it endless?`);
}
