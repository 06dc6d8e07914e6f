import { refuseScopes } from '../authorization.js';
import { insufficientScope } from '../errors.js';
import type { Principal } from '../exchange.js';

/**
 * Which scopes callers need for one thing that a server offers. Undefined: nobody has said, so that
 * none would do.
 */
export type Needed = readonly string[] | undefined;

/** Throws a TypeError for what no token could name. */
export function readScopes(given: Needed, fallback: Needed, what: string): Needed {
  const needed = given ?? fallback;
  refuseScopes(needed ?? [], what);
  return needed;
}

/** Whether lists show it. A principal without scopes was never asked for any. */
export function maySee(needed: Needed, { scopes }: Principal): boolean {
  if (scopes === undefined) return true;
  return needed !== undefined && needed.every((scope) => scopes.includes(scope));
}

/** Whether it exists for this caller: more scopes would not help where none are said. */
export function isHidden(needed: Needed, { scopes }: Principal): boolean {
  return scopes !== undefined && needed === undefined;
}

/** Throws McpError `insufficientScope`, which names all that is needed: clients ask once. */
export function refuseWithout(needed: readonly string[], principal: Principal): void {
  if (!maySee(needed, principal)) throw insufficientScope(needed);
}
