import type { JsonObject } from './message.js';

/**
 * The JSON text of the params of a progress notification (basic/patterns/progress) that says no
 * more than such have to say; undefined for all others. A call may send thousands, and to have
 * JSON.stringify look for what they hold takes longer than to write it down.
 */
export function progressJson(params: JsonObject): string | undefined {
  const { progressToken: token, progress, total, message } = params;
  if (!isWritten(token) || !isNumber(progress)) return undefined;
  let json = `{"progressToken":${isNumber(token) ? token : JSON.stringify(token)}`;
  json += `,"progress":${progress}`;
  let written = 2;
  if (total !== undefined) {
    if (!isNumber(total)) return undefined;
    json += `,"total":${total}`;
    written++;
  }
  if (message !== undefined) {
    if (typeof message !== 'string') return undefined;
    json += `,"message":${JSON.stringify(message)}`;
    written++;
  }
  // One more than were written is one that this does not know.
  for (const _name in params) if (--written < 0) return undefined;
  return `${json}}`;
}

/** JSON has no others. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isWritten(token: unknown): token is number | string {
  return typeof token === 'string' || isNumber(token);
}
