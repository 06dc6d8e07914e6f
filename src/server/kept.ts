import type { KeptByServer } from '../stores/server-store.js';

/** Where a server keeps what outlives its requests: settled late, and once. */
export interface Kept {
  /** Where no store was handed over by now, all stays in this process from here on. */
  now(): KeptByServer;
  /** See `Served.keepIn`. */
  keepIn(given: KeptByServer): void;
  /**
   * Calls `begin` once, as soon as there is a store that was handed over. The returned function
   * ends what that began.
   */
  onShared(begin: (kept: KeptByServer) => () => void): () => void;
}

export function createKept(openOwn: () => KeptByServer): Kept {
  const waiting: ((kept: KeptByServer) => void)[] = [];
  let own: KeptByServer | undefined;
  let shared: KeptByServer | undefined;

  return {
    now: () => shared ?? (own ??= openOwn()),
    keepIn(given) {
      if (shared !== undefined && isSame(shared, given)) return;
      if (shared !== undefined) {
        throw new Error('The server keeps all in another store already: serve it with one only');
      }
      if (own !== undefined) {
        throw new Error(
          'The server keeps things in memory already: give its store before it is used',
        );
      }
      shared = given;
      for (const settled of waiting.splice(0)) settled(given);
    },
    onShared(begin) {
      let end = (): void => undefined;
      const settled = (kept: KeptByServer): void => void (end = begin(kept));
      if (shared !== undefined) settled(shared);
      else waiting.push(settled);
      return () => end();
    },
  };
}

function isSame(one: KeptByServer, other: KeptByServer): boolean {
  return one.tasks === other.tasks && one.keys === other.keys && one.cluster === other.cluster;
}
