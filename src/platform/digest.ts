import { type PlatformCrypto, webCrypto } from './crypto.js';
import { toBase64Url } from './random.js';

/** SHA-256 as base64url; undefined where there is no Web Crypto, as on insecure web pages. */
export async function digest(
  text: string,
  crypto: PlatformCrypto = webCrypto,
): Promise<string | undefined> {
  const bytes = await crypto.digest(new TextEncoder().encode(text));
  return bytes === undefined ? undefined : toBase64Url(bytes);
}
