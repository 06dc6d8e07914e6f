import type { JsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';

/**
 * Where a client keeps tokens and registrations between its connections. Entries are of this
 * package's making; they hold secrets.
 */
export interface TokenStore {
  get(key: string): Promise<JsonObject | undefined>;
  /**
   * Replaces one entry by what `change` makes of it; undefined deletes it. Changes of one entry
   * come one after the other, also those of other processes. One that rejects changes nothing.
   */
  update(key: string, change: StoreChange): Promise<JsonObject | undefined>;
}

export type StoreChange = (now: JsonObject | undefined) => Promise<JsonObject | undefined>;

/** The names of entries. Tokens belong to an issuer and a resource, registrations to an issuer. */
export const storeKeys = {
  server: (url: string): string => JSON.stringify(['server', url]),
  tokens: (issuer: string, resource: string): string =>
    JSON.stringify(['tokens', issuer, resource]),
  client: (issuer: string): string => JSON.stringify(['client', issuer]),
  /** Which authorization server a client that was registered by hand belongs to. */
  pin: (server: string, clientId: string): string => JSON.stringify(['pin', server, clientId]),
  login: (state: string): string => JSON.stringify(['login', state]),
};

/** Replaces an entry whatever it was; undefined deletes it. */
export async function putEntry(
  store: TokenStore,
  key: string,
  entry: JsonObject | undefined,
): Promise<void> {
  await store.update(key, () => Promise.resolve(entry));
}

/** Keeps everything in this process. */
export function memoryTokens(entriesMax: number = defaultLimits.tokenEntriesMax): TokenStore {
  const entries = new Map<string, JsonObject>();
  const inTurn = createTurns();
  return {
    get: (key) => Promise.resolve(entries.get(key)),
    update: (key, change) =>
      inTurn(key, async () => {
        const next = await change(entries.get(key));
        entries.delete(key);
        if (next === undefined) return undefined;
        entries.set(key, next);
        for (const [oldest] of entries) {
          if (entries.size <= entriesMax) break;
          entries.delete(oldest);
        }
        return next;
      }),
  };
}

/** Runs what has the same key one after the other, within this process. */
export function createTurns(): <Value>(key: string, work: () => Promise<Value>) => Promise<Value> {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .finally(() => {
        if (last.get(key) === settled) last.delete(key);
      });
    last.set(key, settled);
    return turn;
  };
}
