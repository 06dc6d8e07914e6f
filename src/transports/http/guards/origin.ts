import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/**
 * The Origin allow-list: absent passes (no browser page), `null` and strangers are refused. `own`
 * tells which origins are the server's, once its port is known.
 */
export function guardOrigin(allowed: readonly string[], own: () => readonly string[]): Guard {
  const origins = new Set(allowed.map((origin) => origin.toLowerCase()));
  return (_request, { origin }) => {
    if (origin === undefined) return undefined;
    const lower = origin.toLowerCase();
    if (origins.has(lower) || own().includes(lower)) return undefined;
    return new McpError('forbidden', 'Forbidden: pages of this origin may not call this server', {
      cause: `Origin ${origin} is not allowed; the option allowedOrigins allows it`,
    });
  };
}
