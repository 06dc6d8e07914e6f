import { type Limits, resolveLimits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import { memoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';

/** What outlives every process of a world. */
export type WorldStores = Pick<ServerStore, 'sessions' | 'events'>;

export function openStores(limits: Partial<Limits>, platform: Platform): WorldStores {
  return memoryStore(resolveLimits(limits), platform);
}
