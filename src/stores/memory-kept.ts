import type { Platform } from '../platform/platform.js';
import { type Random, toBase64Url } from '../platform/random.js';
import type { Cluster } from './cluster-store.js';
import type { KeyStore, SealingKey } from './key-store.js';
import { memoryTasks } from './memory-tasks.js';
import type { KeptByServer } from './server-store.js';

/** What a server needs by itself, in this process only. */
export function memoryKept({ random }: Platform): KeptByServer {
  return { tasks: memoryTasks(), keys: memoryKeys(), cluster: memoryCluster(random) };
}

/** This process alone: whatever another one has begun is without an owner. */
export function memoryCluster(random: Random): Cluster {
  const self = toBase64Url(random.bytes(16));
  return {
    self,
    isAlive: (node) => node === self,
    tell: () => undefined,
    ask: () => Promise.resolve(false),
    hear: () => () => undefined,
  };
}

/** Keys in this process only. */
export function memoryKeys(): KeyStore {
  let keys: readonly SealingKey[] = [];
  return {
    ring(fresh, { renewBefore, forgetBefore }) {
      const [newest] = keys;
      if (newest === undefined || newest.createdAt < renewBefore) keys = [fresh, ...keys];
      return (keys = keys.filter(({ createdAt }) => createdAt >= forgetBefore));
    },
  };
}
