import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';

/**
 * Cancellations that found no request. Each POST may travel on a connection of its own, so that one
 * may overtake what it cancels. The newest are remembered, and not for long.
 */
export interface EarlyCancels {
  add(id: RequestId): void;
  /** Whether the request that comes now was cancelled before. Told once. */
  take(id: RequestId): boolean;
}

export function createEarlyCancels(limits: Limits, clock: Clock): EarlyCancels {
  const until = new Map<RequestId, number>();
  return {
    add(id) {
      // Set anew, or it would keep its old place in the order.
      until.delete(id);
      until.set(id, clock.now() + limits.earlyCancelMs);
      if (until.size <= limits.earlyCancelsMax) return;
      for (const oldest of until.keys()) {
        until.delete(oldest);
        break;
      }
    },
    take(id) {
      const end = until.get(id);
      if (end === undefined) return false;
      until.delete(id);
      return clock.now() <= end;
    },
  };
}
