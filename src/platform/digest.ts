import { digestOfText, type PlatformCrypto, systemCrypto, webCrypto } from './crypto.js';
import { toBase64Url } from './random.js';
import { when } from './when.js';

type Digest = string | undefined;

/** SHA-256 as base64url; undefined where there is no Web Crypto, as on insecure web pages. */
export function digest(text: string, crypto: PlatformCrypto = webCrypto): Digest | Promise<Digest> {
  if (crypto === systemCrypto && digestOfText !== undefined) return digestOfText(text);
  const encode = (bytes: Uint8Array | undefined): Digest => bytes && toBase64Url(bytes);
  return when(crypto.digest(encoder.encode(text)), encode);
}

const encoder = new TextEncoder();
