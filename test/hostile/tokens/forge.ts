/** Tokens as bytes: signed by hand, so that no library refuses to make a bad one. */
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';

export const issuer = 'https://login.example';
export const resource = 'https://mcp.example/mcp';
/** When all of this happens, in seconds. */
export const nowSeconds = Date.UTC(2026, 6, 28) / 1000;

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const ed = generateKeyPairSync('ed25519');
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ec256k = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
/** An attacker's own. */
export const evil = generateKeyPairSync('rsa', { modulusLength: 2048 });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });

export function jwkOf(key: KeyObject, more: object): object {
  return { ...key.export({ format: 'jwk' }), ...more };
}

export const sharedSecret = Buffer.alloc(32, 7);

/** What the issuer publishes, with some of what it should not. */
export const published: { readonly keys: readonly object[] } = {
  keys: [
    jwkOf(rsa.publicKey, { kid: 'rsa' }),
    jwkOf(ec.publicKey, { kid: 'ec' }),
    jwkOf(ed.publicKey, { kid: 'ed' }),
    jwkOf(ec384.publicKey, { kid: 'ec384' }),
    jwkOf(ec256k.publicKey, { kid: 'ec256k' }),
    jwkOf(small.publicKey, { kid: 'small' }),
    { kty: 'oct', kid: 'oct', k: sharedSecret.toString('base64url') },
  ],
};

export type Signer = (data: string) => Buffer;

const hash = (bits: string): string => `sha${bits}`;
const pss = { padding: 6, saltLength: 32 };

/** By the name of the algorithm, with the issuer's keys. */
export const signers: { readonly [alg: string]: Signer } = {
  RS256: (data) => signBytes('sha256', Buffer.from(data), rsa.privateKey),
  RS384: (data) => signBytes('sha384', Buffer.from(data), rsa.privateKey),
  RS512: (data) => signBytes('sha512', Buffer.from(data), rsa.privateKey),
  PS256: (data) => signBytes('sha256', Buffer.from(data), { key: rsa.privateKey, ...pss }),
  PS512: (data) =>
    signBytes('sha512', Buffer.from(data), { key: rsa.privateKey, padding: 6, saltLength: 64 }),
  ES256: (data) => ecdsa('256', ec.privateKey, data),
  ES384: (data) => ecdsa('384', ec384.privateKey, data),
  ES256K: (data) => ecdsa('256', ec256k.privateKey, data),
  EdDSA: (data) => signBytes(null, Buffer.from(data), ed.privateKey),
};

export const byEvil: Signer = (data) => signBytes('sha256', Buffer.from(data), evil.privateKey);
export const bySmall: Signer = (data) => signBytes('sha256', Buffer.from(data), small.privateKey);
export const inDer: Signer = (data) => signBytes('sha256', Buffer.from(data), ec.privateKey);

export function mac(secret: string | Buffer, bits = '256'): Signer {
  return (data) => createHmac(hash(bits), secret).update(data).digest();
}

function ecdsa(bits: string, key: KeyObject, data: string): Buffer {
  return signBytes(hash(bits), Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' });
}

export interface Draft {
  readonly alg?: string;
  /** Members over the usual ones; undefined takes one away. */
  readonly header?: object;
  readonly claims?: object;
  /** The texts themselves, in place of these. */
  readonly headerText?: string;
  readonly claimsText?: string;
  readonly sign?: Signer;
}

const kids: { readonly [alg: string]: string } = {
  ES256: 'ec',
  ES384: 'ec384',
  ES256K: 'ec256k',
  EdDSA: 'ed',
};

export const goodClaims = {
  iss: issuer,
  aud: resource,
  sub: 'ann',
  exp: nowSeconds + 300,
  iat: nowSeconds,
  scope: 'files:read',
} as const;

/** A token that is good but for what the draft says. */
export function make(draft: Draft = {}): string {
  const { alg = 'RS256' } = draft;
  const header = { alg, kid: kids[alg] ?? 'rsa', typ: 'at+jwt', ...draft.header };
  const headerText = draft.headerText ?? JSON.stringify(header);
  const claimsText = draft.claimsText ?? JSON.stringify({ ...goodClaims, ...draft.claims });
  return signed(headerText, claimsText, draft.sign ?? signers[alg]!);
}

export function signed(header: string | Buffer, claims: string | Buffer, sign: Signer): string {
  const data = `${encode(header)}.${encode(claims)}`;
  return `${data}.${sign(data).toString('base64url')}`;
}

export function encode(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url');
}
