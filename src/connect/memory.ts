import { createEraCache, type EraVerdict } from '../eras/verdict-cache.js';
import { digest } from '../platform/digest.js';
import type { ClosableOpener } from './open-target.js';
import type { Parts } from './options.js';

/** What is remembered of one server between connections. */
export interface Memory {
  readonly known: EraVerdict | undefined;
  keep(verdict: EraVerdict): void;
  forget(): void;
}

export const noMemory: Memory = {
  known: undefined,
  keep: () => undefined,
  forget: () => undefined,
};
const erasOfThisProcess = createEraCache();

export async function recall({ identity }: ClosableOpener, parts: Parts): Promise<Memory> {
  const { eraCache = erasOfThisProcess } = parts.options;
  if (eraCache === false || identity === undefined) return noMemory;
  const key = await digest(`${identity.server}\n${identity.caller}`);
  if (key === undefined) return noMemory;
  const { clock } = parts.platform;
  return {
    known: eraCache.get(key, clock.now()),
    keep: (verdict) => eraCache.set(key, verdict, clock.now() + parts.limits.eraVerdictMs),
    forget: () => eraCache.delete(key),
  };
}

/** What tells answers of this server, in words that this client was asked in, from others. */
export async function sharedScope(
  { identity }: ClosableOpener,
  protocolVersion: string,
  { caller }: Parts,
): Promise<string | undefined> {
  if (identity === undefined) return undefined;
  return digest(JSON.stringify([identity.server, protocolVersion, caller.capabilities]));
}
