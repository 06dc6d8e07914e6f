import { toBase64Url } from './random.js';

/** SHA-256 as base64url; undefined where there is no Web Crypto, as on insecure web pages. */
export async function digest(text: string): Promise<string | undefined> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return undefined;
  const bytes = await subtle.digest('SHA-256', new TextEncoder().encode(text));
  return toBase64Url(new Uint8Array(bytes));
}
