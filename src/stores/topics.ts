import type { JsonObject } from '../json-rpc/message.js';
import type { Cluster } from './cluster-store.js';

/** Who hears of what in one node. */
export interface Topics {
  readonly hear: Cluster['hear'];
  /** Tells one after the other; resolves with whether it was of use to any. */
  deliver(topic: string, body: JsonObject): Promise<boolean>;
  /** Nobody hears of anything any more. */
  clear(): void;
}

export function createTopics(): Topics {
  const topics = new Map<string, Set<Parameters<Cluster['hear']>[1]>>();
  return {
    hear(topic, heard) {
      const all = topics.get(topic) ?? new Set();
      topics.set(topic, all.add(heard));
      return () => {
        all.delete(heard);
        if (all.size === 0 && topics.get(topic) === all) topics.delete(topic);
      };
    },
    async deliver(topic, body) {
      let isOfUse = false;
      for (const heard of [...(topics.get(topic) ?? [])]) {
        if (await heard(body)) isOfUse = true;
      }
      return isOfUse;
    },
    clear: () => topics.clear(),
  };
}
