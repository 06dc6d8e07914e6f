import { McpError } from '../errors.js';
import { isJsonObject } from '../json-rpc/message.js';
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
  const { pagesMax, listedItemsMax, listedBytesMax, cursorLengthMax } = limits;
  let items: unknown[] = [];
  let cursor: unknown;
  let seen = new Set<unknown>();
  let roomBytes = listedBytesMax;
  let hasRestarted = false;
  for (let page = 0; page < pagesMax; page++) {
    try {
      const result = await readPage(cursor === undefined ? {} : { cursor });
      // One page is bounded as a message; many of them are more than anybody wanted to keep.
      if (page > 0) roomBytes -= roughSize(result[member], roomBytes);
      items = items.concat(result[member]);
      cursor = result['nextCursor'];
    } catch (thrown) {
      if (cursor === undefined || hasRestarted || !isBadCursor(thrown)) throw thrown;
      hasRestarted = true;
      [items, cursor, seen] = [[], undefined, new Set()];
      continue;
    }
    if (items.length > listedItemsMax) throw endless(`${method} has over ${listedItemsMax} items`);
    if (roomBytes < 0) throw endless(`${method} has over ${listedBytesMax} bytes`);
    if (cursor === undefined) return items;
    if (typeof cursor === 'string' && cursor.length > cursorLengthMax) {
      throw new McpError('badResponse', `${method} goes on at a cursor of absurd length`);
    }
    // The same question has the same answer.
    if (seen.has(cursor)) throw endless(`${method} leads back to a page that was read already`);
    seen.add(cursor);
  }
  throw endless(`${method} has more than ${pagesMax} pages`);
}

/** About what `value` takes in memory; counted no further than a little past `enough`. */
function roughSize(value: unknown, enough: number): number {
  const open: unknown[] = [value];
  let size = 0;
  while (open.length > 0 && size <= enough) {
    const one = open.pop();
    size += bytesOfValue;
    if (typeof one === 'string') size += one.length;
    else if (Array.isArray(one)) for (const member of one) open.push(member);
    else if (isJsonObject(one)) for (const name of Object.keys(one)) open.push(one[name]);
  }
  return size;
}

const bytesOfValue = 16;

function isBadCursor(thrown: unknown): boolean {
  return thrown instanceof McpError && thrown.kind === 'invalidParams' && thrown.fromPeer;
}

function endless(what: string): McpError {
  return new McpError('badResponse', `${what}; is it endless?`);
}
