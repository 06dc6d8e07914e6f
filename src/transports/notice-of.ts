import type { Notice } from '../engine/outbox.js';
import type { Message } from '../json-rpc/message.js';
import type { Notification } from '../exchange.js';

/** How an outbox may treat a notification: of progress only the newest counts. */
export function noticeOf({ method, params }: Notification): Notice {
  if (method !== 'notifications/progress') return plain;
  const token = params?.['progressToken'];
  // A token of 1 is not a token of "1".
  return { key: typeof token === 'string' ? `"${token}` : String(token) };
}

/** The same of any message; undefined for those whose number is bounded by their requests. */
export function noticeOfMessage(message: Message | readonly Message[]): Notice | undefined {
  return 'method' in message && !('id' in message) ? noticeOf(message) : undefined;
}

const plain: Notice = {};
