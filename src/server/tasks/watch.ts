import type { ChangeListener } from '../changes.js';
import type { ExtensionHost } from '../extension.js';

/** The member of the filter of `subscriptions/listen` that names tasks. */
export const taskIds = 'taskIds';

/** Those who wait for a task, on whatever node it is. */
export interface TaskWatch {
  /**
   * Resolves once a task may stand otherwise: when that was told, and after a while anyway, since
   * other nodes may be gone, or not heard.
   */
  changed(id: string): { readonly next: Promise<void>; stop(): void };
  wake(id: string): void;
  close(): void;
}

export function createTaskWatch({ changes, platform, limits }: ExtensionHost): TaskWatch {
  const watchers = new Map<string, Set<() => void>>();
  const wake = (id: string): void => {
    for (const watcher of watchers.get(id) ?? []) watcher();
  };
  const listener: ChangeListener = {
    hear(change) {
      // That it goes on is nothing to wait for.
      if (change.kind !== 'item' || change.member !== taskIds) return;
      if (change.notification?.params?.['status'] !== 'working') wake(change.item);
    },
    hearAnything: () => [...watchers.keys()].forEach(wake),
  };
  changes.listen(listener);

  return {
    wake,
    close: () => changes.ignore(listener),
    changed(id) {
      let watcher = (): void => undefined;
      const next = new Promise<void>((resolve) => (watcher = resolve));
      const all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(watcher));
      const stopLooking = platform.clock.after(limits.taskLookMs, watcher);
      return {
        next,
        stop() {
          stopLooking();
          all.delete(watcher);
          if (all.size === 0 && watchers.get(id) === all) watchers.delete(id);
        },
      };
    },
  };
}
