import type { Platform } from '../platform/platform.js';
import { fromBase64Url, toBase64Url } from '../platform/random.js';
import type { SealingKeys } from './sealing-keys.js';

/** Texts that strangers carry and nobody but this server can read or make: AES-256-GCM. */
export interface Sealing {
  /** `boundTo` has to be said again to open it. The result is fit for a header. */
  seal(text: string, boundTo: string | Uint8Array): Promise<string>;
  /** Undefined for whatever was not sealed here, or is bound to something else. */
  open(sealed: string, boundTo: string | (() => Promise<Uint8Array>)): Promise<string | undefined>;
}

const ivBytes = 12;

/** What is sealed begins with the id of its key. */
const keyEnd = '.';

export function createSealing(keys: SealingKeys, { random }: Platform): Sealing {
  return {
    async seal(text, boundTo) {
      const iv = random.bytes(ivBytes);
      const { id, cipher } = await keys.forSealing();
      const sealed = await cipher.seal(iv, encode(text), encode(boundTo));
      const bytes = new Uint8Array(ivBytes + sealed.length);
      bytes.set(iv);
      bytes.set(sealed, ivBytes);
      return `${id}${keyEnd}${toBase64Url(bytes)}`;
    },
    async open(sealed, boundTo) {
      const end = sealed.indexOf(keyEnd);
      const bytes = fromBase64Url(sealed.slice(end + 1));
      if (bytes === undefined || bytes.length <= ivBytes) return undefined;
      const key = await keys.find(sealed.slice(0, Math.max(0, end)));
      if (key === undefined) return undefined;
      const bound = typeof boundTo === 'string' ? encode(boundTo) : await boundTo();
      try {
        const opened = await key.cipher.open(bytes.slice(0, ivBytes), bytes.slice(ivBytes), bound);
        return new TextDecoder().decode(opened);
      } catch {
        return undefined;
      }
    },
  };
}

function encode(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}
