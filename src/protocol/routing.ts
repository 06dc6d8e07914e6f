import type { JsonObject, RequestId } from '../json-rpc/message.js';
import { subscriptionIdOf } from './meta.js';

interface Notification {
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * The request of ours that a notification belongs to. Progress tokens that we hand out are request
 * ids, and so are subscription ids by rule (patterns/progress, patterns/subscriptions).
 */
export function requestIdOf({ method, params }: Notification): RequestId | undefined {
  const id =
    method === 'notifications/progress' ? params?.['progressToken'] : subscriptionIdOf(params);
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** Log messages name no request; on a pipe they can only be told apart while one call is open. */
export function isOfOnlyCall({ method }: Notification): boolean {
  return method === 'notifications/message';
}
