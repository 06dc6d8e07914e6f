import type { McpError } from '../errors.js';
import type { Limits } from '../limits.js';
import { type Cipher, webCrypto } from '../platform/crypto.js';
import type { Platform } from '../platform/platform.js';
import { toBase64Url } from '../platform/random.js';
import type { KeyStore, SealingKey } from '../stores/key-store.js';
import { unavailable } from './unavailable.js';

/** A key as it is used; its id stands before what it sealed. */
export interface NamedCipher {
  readonly id: string;
  readonly cipher: Cipher;
}

/** The keys that seal and open, newest first. Both reject when nobody can say. */
export interface SealingKeys {
  forSealing(): Promise<NamedCipher>;
  /** Undefined for an id that is not known, or not any more. */
  find(id: string): Promise<NamedCipher | undefined>;
}

/** How long a secret is. */
export const secretBytes = 32;
const idBytes = 9;

/** Throws a TypeError unless `given`, the option `name`, is one secret of 32 bytes, or some. */
export function readSecrets(
  given: Uint8Array | readonly Uint8Array[],
  name: string,
): readonly Uint8Array[] {
  const secrets = given instanceof Uint8Array ? [given] : given;
  const isFine = secrets.length > 0 && secrets.every(({ length }) => length === secretBytes);
  if (!isFine) throw new TypeError(`${name} must be ${secretBytes} bytes, or a list of such`);
  return secrets;
}

/** Keys that somebody else takes care of: the first one seals, all open. */
export function givenKeys(secrets: readonly Uint8Array[], platform: Platform): SealingKeys {
  const { crypto = webCrypto } = platform;
  let opening: Promise<readonly NamedCipher[]> | undefined;
  const open = (): Promise<readonly NamedCipher[]> =>
    (opening ??= Promise.all(
      secrets.map(async (secret) => {
        // The same on every node that has the secret, and nothing that leads back to it.
        const hash = (await crypto.digest(secret)) ?? secret.slice(0, 0);
        return { id: toBase64Url(hash.slice(0, idBytes)), cipher: crypto.cipher(secret) };
      }),
    ));
  return {
    forSealing: async () => (await open())[0]!,
    find: async (id) => (await open()).find((key) => key.id === id),
  };
}

/** Keys that a store renews, for all nodes alike. */
export function keysIn(store: () => KeyStore, platform: Platform, limits: Limits): SealingKeys {
  const { clock, random, crypto = webCrypto } = platform;
  const { sealingKeyMs, sealingRingMs, sealingAskMs, tokenSkewMs } = limits;
  const sealedMs = Math.max(limits.requestStateTtlMs, limits.sessionTotalMs);
  let ring: readonly (SealingKey & NamedCipher)[] = [];
  let askedAt = -Infinity;
  let failure: McpError | undefined;
  let asking: Promise<void> | undefined;

  const fetchRing = async (now: number): Promise<void> => {
    const fresh = {
      id: toBase64Url(random.bytes(idBytes)),
      secret: random.bytes(secretBytes),
      createdAt: now,
    };
    const times = {
      renewBefore: now - sealingKeyMs,
      // Sealed with for twice the time, at most, and opened until the last of it has expired.
      forgetBefore: now - 2 * sealingKeyMs - sealedMs - tokenSkewMs,
    };
    try {
      const keys = await store().ring(fresh, times);
      const known = new Map(ring.map((key) => [key.id, key.cipher]));
      ring = keys.map((key) => ({
        ...key,
        cipher: known.get(key.id) ?? crypto.cipher(key.secret),
      }));
      failure = undefined;
    } catch (cause) {
      failure = unavailable('The keys of the server cannot be had', cause);
    }
  };
  /** Asks the store when that was not done for so long. */
  const askAfter = (ms: number): Promise<void> => {
    const now = clock.now();
    if (asking !== undefined || now - askedAt < ms) return asking ?? Promise.resolve();
    askedAt = now;
    asking = fetchRing(now).finally(() => (asking = undefined));
    return asking;
  };
  /** The keys that may be sealed with. While there are some, nobody waits for newer ones. */
  const usableKeys = async (): Promise<typeof ring> => {
    const usable = (): typeof ring =>
      ring.filter(({ createdAt }) => createdAt > clock.now() - 2 * sealingKeyMs);
    const asked = askAfter(failure === undefined ? sealingRingMs : sealingAskMs);
    if (usable().length === 0) await asked;
    return usable();
  };

  return {
    async forSealing() {
      const usable = await usableKeys();
      // All nodes must have seen a key before one of them seals with it.
      const isKnown = ({ createdAt }: SealingKey): boolean =>
        createdAt <= clock.now() - 2 * sealingRingMs;
      const key = usable.find(isKnown) ?? usable.at(-1);
      if (key === undefined) throw failure ?? new Error('The store of keys has none');
      return key;
    },
    async find(id) {
      const known = ring.find((key) => key.id === id);
      if (known !== undefined) return known;
      // It may be made up: strangers shall not have the store asked at their pace.
      await askAfter(sealingAskMs);
      const found = ring.find((key) => key.id === id);
      if (found === undefined && failure !== undefined) throw failure;
      return found;
    },
  };
}
