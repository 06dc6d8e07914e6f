/** Tokens that are of use to nobody but the holder of a key (RFC 9449). */
import type { DPoPHandle } from 'oauth4webapi';
import type { JsonObject } from '../json-rpc/message.js';
import { digest } from '../platform/digest.js';
import type { Clock } from '../platform/clock.js';

export interface DpopKey {
  /** The private key, as it is kept. */
  readonly jwk: JsonObject;
  /** For requests to the authorization server. */
  readonly handle: DPoPHandle;
  /** A proof for one request to a server. */
  prove(request: ProvenRequest): Promise<string>;
}

export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  readonly accessToken: string;
  readonly nonce: string | undefined;
  readonly clock: Clock;
}

const alg = 'ES256';

/** The key of `kept`, or a new one. */
export async function dpopKey(kept?: JsonObject): Promise<DpopKey> {
  const [{ DPoP }, jose] = await Promise.all([import('oauth4webapi'), import('jose')]);
  const { subtle } = globalThis.crypto;
  const params = { name: 'ECDSA', namedCurve: 'P-256' };
  const jwk = kept ?? (await newKey(params));
  const { d: _private, key_ops: _uses, ext: _ext, ...open } = jwk;
  const privateKey = await subtle.importKey('jwk', jwk, params, false, ['sign']);
  const publicKey = await subtle.importKey('jwk', open, params, true, ['verify']);
  return {
    jwk,
    handle: DPoP({}, { privateKey, publicKey }),
    async prove({ method, url, accessToken, nonce, clock }) {
      const { origin, pathname } = new URL(url);
      const claims = {
        htm: method,
        htu: `${origin}${pathname}`,
        ath: await digest(accessToken),
        ...(nonce === undefined ? {} : { nonce }),
      };
      return new jose.SignJWT(claims)
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk: open })
        .setJti(globalThis.crypto.randomUUID())
        .setIssuedAt(new Date(clock.now()))
        .sign(privateKey);
    },
  };
}

async function newKey(params: { name: string; namedCurve: string }): Promise<JsonObject> {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey(params, true, ['sign', 'verify']);
  return { ...(await subtle.exportKey('jwk', pair.privateKey)) };
}
