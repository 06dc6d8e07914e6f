import type { StreamKey } from './event-store.js';

/** Who watches which stream in this process; by its name, whatever begins or ends under it. */
export interface Watchers {
  add(key: StreamKey, changed: () => void): () => void;
  tell(key: StreamKey): void;
}

export function createWatchers(): Watchers {
  const watchers = new Map<string, Set<{ readonly changed: () => void }>>();
  return {
    add(key, changed) {
      const name = nameOf(key);
      const all = watchers.get(name) ?? new Set();
      // The same function may watch twice.
      const watcher = { changed };
      watchers.set(name, all.add(watcher));
      return () => {
        all.delete(watcher);
        if (all.size === 0 && watchers.get(name) === all) watchers.delete(name);
      };
    },
    tell(key) {
      if (watchers.size === 0) return;
      for (const { changed } of [...(watchers.get(nameOf(key)) ?? [])]) changed();
    },
  };
}

function nameOf({ principal, session, stream }: StreamKey): string {
  return JSON.stringify([principal, session, stream]);
}
