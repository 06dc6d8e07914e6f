import type { JsonObject } from './message.js';

/**
 * The JSON text of the params of a progress notification (basic/patterns/progress) that says no
 * more than such have to say; undefined for all others. A call may send thousands, and to have
 * JSON.stringify look for what they hold takes longer than to write it down.
 */
export function progressJson(params: JsonObject): string | undefined {
  const { progressToken: token, progress, total, message } = params;
  if (!isFinite(progress) || (total !== undefined && !isFinite(total))) return undefined;
  let members = 2;
  const name = isFinite(token) ? token : JSON.stringify(token);
  let json = `{"progressToken":${name},"progress":${progress}`;
  if (total !== undefined) {
    members++;
    json += `,"total":${total}`;
  }
  if (message !== undefined) {
    if (typeof message !== 'string') return undefined;
    members++;
    json += `,"message":${JSON.stringify(message)}`;
  }
  for (const _name in params) members--;
  return members === 0 && token !== undefined ? `${json}}` : undefined;
}

// What is none in JSON is written as null.
const isFinite = (value: unknown): value is number => Number.isFinite(value);
