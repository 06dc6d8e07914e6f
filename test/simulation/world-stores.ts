import { type Limits, resolveLimits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import { memoryStore, sharedMemoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';

/** What outlives every process of a world. */
export type WorldStores = Pick<ServerStore, 'sessions' | 'events' | 'tasks' | 'keys' | 'close'>;

export function openStores(
  limits: Partial<Limits>,
  platform: Platform,
  areShared: boolean,
): WorldStores {
  const open = areShared ? sharedMemoryStore : memoryStore;
  return open(resolveLimits(limits), platform);
}
