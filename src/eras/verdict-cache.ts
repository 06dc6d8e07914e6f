import { type Limits, resolveLimits } from '../limits.js';
import type { Era } from '../protocol/revisions.js';

/** What was found out about a server the last time. */
export interface EraVerdict {
  readonly era: Era;
  /** It is reached the oldest way, by two endpoints. */
  readonly isOld?: boolean;
}

/**
 * Which era each server was found to speak, so that a known one is not asked again: the question
 * costs a round trip, or, where a server is silent on it, the whole time of waiting.
 */
export interface EraCache {
  get(key: string, nowMs: number): EraVerdict | undefined;
  /** Keeps the newest; the oldest make room. */
  set(key: string, verdict: EraVerdict, expiresAtMs: number): void;
  delete(key: string): void;
}

export function createEraCache(changes: Partial<Limits> = {}): EraCache {
  const { eraVerdictsMax } = resolveLimits(changes);
  const kept = new Map<string, { readonly verdict: EraVerdict; readonly expiresAtMs: number }>();
  return {
    get(key, nowMs) {
      const entry = kept.get(key);
      if (entry === undefined || nowMs < entry.expiresAtMs) return entry?.verdict;
      kept.delete(key);
      return undefined;
    },
    set(key, verdict, expiresAtMs) {
      kept.delete(key);
      kept.set(key, { verdict, expiresAtMs });
      for (const oldest of kept.keys()) {
        if (kept.size <= eraVerdictsMax) break;
        kept.delete(oldest);
      }
    },
    delete: (key) => void kept.delete(key),
  };
}
