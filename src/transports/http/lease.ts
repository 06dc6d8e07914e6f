import type { Principal } from '../../exchange.js';
import type { Clock } from '../../platform/clock.js';

/** What may end before the token of a caller does, such as a key that is revoked. */
export interface Lease {
  /** How often its streams ask, in ms. */
  readonly everyMs: number;
  isGood(): Promise<boolean>;
}

/** Beside the principals, which handlers see: how to ask holds the token. */
const leases = new WeakMap<Principal, Lease>();

export function putLease(who: Principal, lease: Lease): void {
  leases.set(who, lease);
}

const nothing = (): void => undefined;

/** Calls `onOver` once when `who` may not read any more. Returns how to stop watching. */
export function watchLease(who: Principal, clock: Clock, onOver: () => void): () => void {
  const lease = leases.get(who);
  const { expiresAt } = who;
  // So it is with all who were asked for no token: each holds a stream, and nothing beside it.
  if (lease === undefined && expiresAt === undefined) return nothing;
  let isWatched = true;
  let stopAsking = (): void => undefined;
  let stopExpiry = (): void => undefined;
  const stop = (): void => {
    isWatched = false;
    stopAsking();
    stopExpiry();
  };
  const over = (): void => {
    if (!isWatched) return;
    stop();
    onOver();
  };
  const ask = ({ everyMs, isGood }: Lease): void => {
    stopAsking = clock.after(everyMs, () => {
      void isGood().then((good) => {
        if (!good) over();
        else if (isWatched) ask({ everyMs, isGood });
      });
    });
  };
  if (lease !== undefined) ask(lease);
  if (expiresAt !== undefined) stopExpiry = clock.after(expiresAt - clock.now(), over);
  return stop;
}
