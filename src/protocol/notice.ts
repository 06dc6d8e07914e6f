import type { JsonObject, Message } from '../json-rpc/message.js';

/** How what sends a notification may treat it while its reader is slow. */
interface Treatment {
  /** Of those with one key only the newest counts. */
  readonly key?: string;
}

const plain: Treatment = {};

/** Of progress only the newest counts; whatever else is said should be heard. */
export function noticeOf(notification: {
  readonly method: string;
  readonly params?: JsonObject;
}): Treatment {
  if (notification.method !== 'notifications/progress') return plain;
  const token = notification.params?.['progressToken'];
  if (token !== lastToken) [lastToken, lastTreatment] = [token, { key: keyOf(token) }];
  return lastTreatment;
}

/** A token of 1 is not a token of "1". */
function keyOf(token: unknown): string {
  return typeof token === 'string' ? `"${token}` : String(token);
}

// The progress of a call is often followed by more of it.
let lastToken: unknown;
let lastTreatment: Treatment = { key: keyOf(lastToken) };

/** The same of any message; undefined for those whose number is bounded by their requests. */
export function noticeOfMessage(message: Message | readonly Message[]): Treatment | undefined {
  return 'method' in message && !('id' in message) ? noticeOf(message) : undefined;
}
