import type { Limits } from '../../src/limits.js';

/**
 * All clients come from one address, on a machine that may be busy with other things: neither is
 * what is looked at here.
 */
export const manyFromHere: Partial<Limits> = {
  connectionsPerAddressMax: 4096,
  loopLagMsMax: 60_000,
};
