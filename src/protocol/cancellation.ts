import type { NotificationMessage, RequestId } from '../json-rpc/message.js';

type Notification = Pick<NotificationMessage, 'method' | 'params'>;

/** The notification by which a sender takes back a request (patterns/cancellation). */
export const cancelledMethod = 'notifications/cancelled';

export function cancelledNotification(requestId: RequestId, reason?: string): Notification {
  return {
    method: cancelledMethod,
    params: reason === undefined ? { requestId } : { requestId, reason },
  };
}

/** The id that a cancellation names; undefined for a malformed one, which is to be ignored. */
export function cancelledId(notification: Notification): RequestId | undefined {
  const id = notification.params?.['requestId'];
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
