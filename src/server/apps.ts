import { isAppOnly } from '../protocol/apps.js';
import { extensionIds } from '../protocol/extensions.js';
import type { Extension } from './extension.js';

/**
 * MCP Apps: tools may name the interface that shows their results with `meta: appMeta({ … })`.
 * Tools that only an interface calls are hidden from clients that show none.
 */
export function apps(): Extension {
  return { id: extensionIds.apps, hidesTool: isAppOnly };
}
