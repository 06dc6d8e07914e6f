/** Hashes and seals, injected: those of the web take turns that nobody can replay. */
export interface PlatformCrypto {
  /** SHA-256; undefined where there is no Web Crypto, as on insecure web pages. */
  digest(bytes: Uint8Array): Bytes | undefined | Promise<Bytes | undefined>;
  /** AES-256-GCM with a key of 32 bytes. */
  cipher(key: Uint8Array): Cipher;
}

/** Seals bytes, bound to others that are not sealed with them. The tag is at the end. */
export interface Cipher {
  seal(iv: Uint8Array, bytes: Uint8Array, bound: Uint8Array): Bytes | Promise<Bytes>;
  /** Throws or rejects for whatever was not sealed with this key, `iv` and `bound`. */
  open(iv: Uint8Array, sealed: Uint8Array, bound: Uint8Array): Bytes | Promise<Bytes>;
}

type Bytes = Uint8Array<ArrayBuffer>;

export const webCrypto: PlatformCrypto = {
  async digest(bytes) {
    const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
    if (subtle === undefined) return undefined;
    return new Uint8Array(await subtle.digest('SHA-256', Uint8Array.from(bytes)));
  },
  cipher(key) {
    const { subtle } = globalThis.crypto;
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    const importing = subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, usages);
    const algorithm = (iv: Uint8Array, bound: Uint8Array) => ({
      name: 'AES-GCM',
      iv: Uint8Array.from(iv),
      additionalData: Uint8Array.from(bound),
    });
    return {
      async seal(iv, bytes, bound) {
        const plain = Uint8Array.from(bytes);
        return new Uint8Array(await subtle.encrypt(algorithm(iv, bound), await importing, plain));
      },
      async open(iv, sealed, bound) {
        const bytes = Uint8Array.from(sealed);
        return new Uint8Array(await subtle.decrypt(algorithm(iv, bound), await importing, bytes));
      },
    };
  },
};

interface NodeCrypto {
  createHash(name: string): {
    update(bytes: Uint8Array | string): { digest(): Uint8Array; digest(encoding: string): string };
  };
  /** Does the same in one go; Node has it from 20.12 on. */
  hash?(name: string, text: string, encoding: string): string;
}
type WithModules = { process?: { getBuiltinModule?: (name: string) => unknown } };

// Not imported: browsers load this file as well.
const found = (globalThis as WithModules).process?.getBuiltinModule?.('node:crypto') as
  | Partial<NodeCrypto>
  | undefined;
const ofNode = typeof found?.createHash === 'function' ? (found as NodeCrypto) : undefined;

/** That of the web; where this runs on Node, it hashes at once, without a turn of a thread. */
export const systemCrypto: PlatformCrypto =
  ofNode === undefined
    ? webCrypto
    : {
        digest: (bytes) => Uint8Array.from(ofNode.createHash('sha256').update(bytes).digest()),
        cipher: webCrypto.cipher,
      };

/** What `systemCrypto` makes of a text, as base64url, where that can be had at once. */
export const digestOfText: ((text: string) => string) | undefined =
  ofNode &&
  ((text) =>
    ofNode.hash?.('sha256', text, 'base64url') ??
    ofNode.createHash('sha256').update(text).digest('base64url'));
