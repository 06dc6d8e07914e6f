import { McpError } from '../../errors.js';

export interface SseFields {
  /** The text of the event; each of its lines becomes a `data` field. */
  readonly data: string;
  readonly id?: string;
  readonly event?: string;
  /** How long a cut reader should wait before it comes back, in ms. */
  readonly retry?: number;
}

/** One server-sent event (WHATWG HTML, section 9.2). Throws McpError internal, never injects. */
export function encodeSseEvent({ data, id, event, retry }: SseFields): string {
  let text = '';
  if (event !== undefined) text += `event: ${oneLine('event', event)}\n`;
  if (id !== undefined) text += `id: ${oneLine('id', id)}\n`;
  if (retry !== undefined) text += `retry: ${wholeNumber(retry)}\n`;
  return `${text}data: ${dataLines(data)}\n\n`;
}

/** An event that is nothing but a message, of which the JSON text is always one line. */
export function encodeSseMessage(json: string): string {
  return `data: ${json}\n\n`;
}

/** A line that readers ignore; it keeps proxies from closing a silent stream. */
export function encodeSseComment(text: string): string {
  return `: ${oneLine('comment', text)}\n\n`;
}

// JSON.stringify escapes line ends, so that a message is always one line.
function dataLines(data: string): string {
  if (!data.includes('\n') && !data.includes('\r')) return data;
  return data.split(/\r\n|\r|\n/).join('\ndata: ');
}

function oneLine(field: string, text: string): string {
  if (!/[\r\n\0]/.test(text)) return text;
  throw new McpError(
    'internal',
    `The ${field} of a server-sent event must be one line without NUL`,
  );
}

function wholeNumber(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry;
  throw new McpError('internal', 'The retry of a server-sent event must be a whole number of ms');
}
