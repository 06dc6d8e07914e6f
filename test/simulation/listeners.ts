import type { Change } from '../../src/client/listen.js';
import type { Oracle } from './oracle.js';

/**
 * Those who listen to changes. One is told of each, or that it may have missed some, or that it
 * listens no more.
 */
export interface Listeners {
  add(name: string, uris: readonly string[]): Listener;
  /** The content of `uri` changes now. Returns how to have nobody be told of that. */
  change(uri: string): () => void;
  /** All that was to be told has had its time; `isAlive` says who was there to be told. */
  judge(isAlive: (name: string) => boolean): void;
}

export interface Listener {
  hears(change: Change): void;
  end(): void;
}

export function createListeners(oracle: Oracle): Listeners {
  /** What each has still to be told of. */
  const owed = new Map<string, Set<string>>();
  const listening = new Map<string, readonly string[]>();
  return {
    add(name, uris) {
      return {
        hears(change) {
          if (change.kind === 'listening') {
            listening.set(name, uris);
            owed.set(name, new Set());
          } else if (change.kind === 'resource') {
            if (!uris.includes(change.uri)) oracle.violate('no crossing', `${name}: ${change.uri}`);
            owed.get(name)?.delete(change.uri);
          }
        },
        end() {
          listening.delete(name);
          owed.delete(name);
        },
      };
    },
    change(uri) {
      const added = [...listening]
        .filter(([name, uris]) => uris.includes(uri) && owed.get(name)?.has(uri) === false)
        .map(([name]) => owed.get(name)!);
      for (const debts of added) debts.add(uri);
      return () => {
        for (const debts of added) debts.delete(uri);
      };
    },
    judge(isAlive) {
      for (const [name, missed] of owed) {
        if (missed.size > 0 && isAlive(name))
          oracle.violate('no gap', `${name} was not told of ${[...missed].join()}`);
      }
    },
  };
}
