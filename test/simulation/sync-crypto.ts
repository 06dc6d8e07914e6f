import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { PlatformCrypto } from '../../src/platform/crypto.js';

const tagBytes = 16;

/** The same hashes and seals as everywhere, within the turn that asks for them. */
export const syncCrypto: PlatformCrypto = {
  digest: (bytes) => Uint8Array.from(createHash('sha256').update(bytes).digest()),
  cipher: (key) => ({
    seal(iv, bytes, bound) {
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound);
      const sealed = [cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
      return Uint8Array.from(Buffer.concat(sealed));
    },
    open(iv, sealed, bound) {
      const opener = createDecipheriv('aes-256-gcm', key, iv).setAAD(bound);
      opener.setAuthTag(sealed.subarray(-tagBytes));
      const opened = [opener.update(sealed.subarray(0, -tagBytes)), opener.final()];
      return Uint8Array.from(Buffer.concat(opened));
    },
  }),
};
