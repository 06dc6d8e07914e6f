import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * The one path, compared as it came: nothing is decoded, so nothing can be decoded in two ways, and
 * there is no query, where credentials would end up in logs. `more` are paths that take a query.
 */
export function guardPath(path: string, more: readonly string[]): Guard {
  return ({ target }) => {
    if (target === path || more.includes(target.split('?', 1)[0]!)) return undefined;
    return new McpError('notFound', `Not found; use ${path}`);
  };
}
