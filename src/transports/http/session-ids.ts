import { digest } from '../../platform/digest.js';
import type { Platform } from '../../platform/platform.js';
import { when } from '../../platform/when.js';

/** Whether it is what `toBase64Url` makes of 32 bytes. */
export function isSessionId(id: string): boolean {
  return /^[\w-]{43}$/.test(id);
}

/** What stores know a session by: whoever reads a store cannot use what is in it. */
export function hashOf(id: string, { crypto }: Platform): string | Promise<string> {
  return when(digest(id, crypto), (hash) => {
    if (hash === undefined) throw new TypeError('Sessions need Web Crypto (crypto.subtle)');
    return hash;
  });
}
