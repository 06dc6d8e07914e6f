import { type Script, script } from './script.js';
import type { Shared } from './shared.js';

/** ARGV: for how long. 1 when the lease was there still. */
const renew = script(`
local had = redis.call('EXISTS', KEYS[1])
redis.call('SET', KEYS[1], 1, 'PX', ARGV[3])
return had
`);

export const leaseScripts: readonly Script[] = [renew];

/** Which nodes are at work: each says so every few seconds, or is taken for dead. */
export interface Leases {
  isAlive(node: string): boolean | Promise<boolean>;
  /** Says that this node is at work; false when the others may have taken it for dead. */
  renew(): Promise<boolean>;
  end(): Promise<void>;
}

export function createLeases({ connection, names, limits }: Shared, self: string): Leases {
  const { clusterLeaseMs, clusterSeenMs, clusterSeenMax } = limits;
  /** What was found out lately of whom. */
  const seen = new Map<string, { readonly at: number; readonly isAlive: Promise<boolean> }>();
  let heldUntil = -Infinity;
  let isFirst = true;
  let doubtUntil = -Infinity;
  // A server that has become the primary one may not know of all leases yet.
  const stop = connection.onEpoch(() => {
    doubtUntil = performance.now() + clusterLeaseMs;
    seen.clear();
  });
  const look = async (node: string): Promise<boolean> => {
    const hasLease = (await connection.call('EXISTS', names.lease(node))) === 1;
    return hasLease || performance.now() < doubtUntil;
  };

  return {
    isAlive(node) {
      if (node === self) return performance.now() < heldUntil;
      const now = performance.now();
      const known = seen.get(node);
      if (known !== undefined && now - known.at < clusterSeenMs) return known.isAlive;
      if (seen.size >= clusterSeenMax) seen.clear();
      const isAlive = look(node);
      seen.set(node, { at: now, isAlive });
      // What could not be found out is asked again.
      isAlive.catch(() => seen.delete(node));
      return isAlive;
    },
    async renew() {
      const askedAt = performance.now();
      const had = (await connection.run(renew, [names.lease(self)], [clusterLeaseMs])) === 1;
      const isKept = had || isFirst;
      isFirst = false;
      heldUntil = askedAt + clusterLeaseMs;
      return isKept;
    },
    async end() {
      stop();
      heldUntil = -Infinity;
      await connection.call('DEL', names.lease(self));
    },
  };
}
