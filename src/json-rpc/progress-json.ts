import type { JsonObject } from './message.js';

export const progressMethod = 'notifications/progress';
const beforeToken = `{"jsonrpc":"2.0","method":"${progressMethod}","params":{"progressToken":`;

/**
 * The JSON text of a progress notification (basic/patterns/progress) whose params say no more than
 * such have to say; undefined for all others. A call may send thousands, and to have JSON.stringify
 * look for what they hold takes longer than to write it down.
 */
export function progressJson(params: JsonObject): string | undefined {
  const { progressToken: token, progress, total, message } = params;
  if (!isWritten(token) || !isNumber(progress)) return undefined;
  let json = headOf(token) + progress;
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
  return `${json}}}`;
}

interface Head {
  readonly token: number | string;
  readonly text: string;
}

/** Of the newest tokens; of those that share a place, the last one. */
const heads = Array.from<Head | undefined>({ length: 64 });
/** A longer one, whose token is neither a counted id nor a UUID, is not kept for ever. */
const headLengthMax = 256;

/**
 * What all steps of one call begin with, in one piece, which those that are kept share: each takes
 * 88 bytes, where what JSON.stringify makes of it takes 205 (Node 20; no more with all members).
 */
function headOf(token: number | string): string {
  const at = placeOf(token);
  const known = heads[at];
  if (known?.token === token) return known.text;
  const text = [beforeToken, JSON.stringify(token), ',"progress":'].join('');
  if (text.length <= headLengthMax) heads[at] = { token, text };
  return text;
}

function placeOf(token: number | string): number {
  if (typeof token === 'number') return Math.abs(token % heads.length) | 0;
  const end = token.length;
  return ((token.charCodeAt(end - 1) * 7 + token.charCodeAt(end - 2)) % heads.length) | 0;
}

/** JSON has no others. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isWritten(token: unknown): token is number | string {
  return typeof token === 'string' || isNumber(token);
}
