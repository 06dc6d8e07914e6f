/** Tokens that nobody may come in with, each beside one that differs in its fault only. */
import {
  bySmall,
  byEvil,
  type Draft,
  encode,
  evil,
  goodClaims,
  inDer,
  issuer,
  jwkOf,
  mac,
  make,
  nowSeconds,
  resource,
  rsa,
  sharedSecret,
  signed,
  signers,
} from './forge.js';

export interface Forged {
  readonly name: string;
  readonly token: string;
  /** The same without the fault. */
  readonly twin: string;
}

const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
const pkcs1 = rsa.publicKey.export({ format: 'pem', type: 'pkcs1' });
const der = rsa.publicKey.export({ format: 'der', type: 'spki' });
const { n: modulus = '' } = rsa.publicKey.export({ format: 'jwk' });
const nothing = (): Buffer => Buffer.alloc(0);
const good = make();
const [goodHead = '', goodBody = '', goodSignature = ''] = good.split('.');
const claims = JSON.stringify(goodClaims);
const rs = '"alg":"RS256","kid":"rsa"';

function row(name: string, draft: Draft, twin: Draft = {}): Forged {
  return { name, token: make(draft), twin: make(twin) };
}

function raw(name: string, token: string, twin: string = good): Forged {
  return { name, token, twin };
}

const noSignature: readonly Forged[] = [
  ...['none', 'None', 'NONE', 'nOnE'].map((alg) =>
    row(`alg ${alg}`, { header: { alg }, sign: nothing }),
  ),
  row('alg none with a signature', { header: { alg: 'none' } }),
  row('alg none without a kid', { header: { alg: 'none', kid: undefined }, sign: nothing }),
  row('no alg', { header: { alg: undefined }, sign: nothing }),
  row('alg null', { header: { alg: null }, sign: nothing }),
  row('alg of several', { header: { alg: ['RS256'] } }),
  row('alg in small letters', { header: { alg: 'rs256' } }),
  raw('no signature', `${goodHead}.${goodBody}.`),
  raw('two parts', `${goodHead}.${goodBody}`),
];

const secrets: readonly Forged[] = [
  ...(
    [
      ['the public key in PEM', pem],
      ['it in the PEM of PKCS1', pkcs1],
      ['it in DER', der],
      ['its modulus', Buffer.from(modulus, 'base64url')],
      ['an empty secret', ''],
    ] as const
  ).map(([name, secret]) =>
    row(`HS256 with ${name}`, { header: { alg: 'HS256' }, sign: mac(secret) }),
  ),
  row('HS384 with the public key', { header: { alg: 'HS384' }, sign: mac(pem, '384') }),
  row('HS512 with the public key', { header: { alg: 'HS512' }, sign: mac(pem, '512') }),
  row('HS256 with a published secret', {
    header: { alg: 'HS256', kid: 'oct' },
    sign: mac(sharedSecret),
  }),
  row('the same called RS256', { header: { kid: 'oct' }, sign: mac(sharedSecret) }),
];

const algorithms: readonly Forged[] = [
  row('RS384', { alg: 'RS384' }),
  row('RS512', { alg: 'RS512' }),
  row('PS512', { alg: 'PS512' }, { alg: 'PS256' }),
  row('ES384', { alg: 'ES384' }, { alg: 'ES256' }),
  row('ES256K', { alg: 'ES256K' }, { alg: 'ES256' }),
  row('RS256 that says PS256', { header: { alg: 'PS256' } }, { alg: 'PS256' }),
  row('PS256 that says RS256', { alg: 'PS256', header: { alg: 'RS256' } }, { alg: 'PS256' }),
  row('RS256 with the key of ES256', { header: { kid: 'ec' } }),
  row('ES256 with the key of RS256', { alg: 'ES256', header: { kid: 'rsa' } }, { alg: 'ES256' }),
  row('ES256 in DER', { alg: 'ES256', sign: inDer }, { alg: 'ES256' }),
  row('ES256 of nothing', { alg: 'ES256', sign: () => Buffer.alloc(64) }, { alg: 'ES256' }),
  row('EdDSA of nothing', { alg: 'EdDSA', sign: () => Buffer.alloc(64) }, { alg: 'EdDSA' }),
  row('a key that is too short', { header: { kid: 'small' }, sign: bySmall }),
];

const theirUrl = 'https://evil.example/keys.json';
const theirs = jwkOf(evil.publicKey, {});
const certificate = [der.toString('base64')];

const keys: readonly Forged[] = [
  row('a key of theirs', { sign: byEvil }),
  row('a key of theirs under its own name', { header: { kid: 'evil' }, sign: byEvil }),
  row('a key of theirs without a name', { header: { kid: undefined }, sign: byEvil }, {}),
  row('jku', { header: { jku: theirUrl, kid: 'evil' }, sign: byEvil }),
  row('jku, and signed well', { header: { jku: `${issuer}/keys` } }),
  row('x5u', { header: { x5u: theirUrl, kid: 'evil' }, sign: byEvil }),
  row('x5u, and signed well', { header: { x5u: `${issuer}/cert` } }),
  row('jwk', { header: { jwk: theirs, kid: undefined }, sign: byEvil }),
  row('jwk under a known name', { header: { jwk: theirs }, sign: byEvil }),
  row('jwk, and signed well', { header: { jwk: jwkOf(rsa.publicKey, {}) } }),
  row('x5c', { header: { x5c: certificate } }),
  ...[
    'unknown',
    '../../../../dev/null',
    'rsa\u0000',
    "' UNION SELECT 'key",
    '$(id)',
    theirUrl,
    '__proto__',
    'constructor',
    '',
    '0',
  ].map((kid) => row(`kid ${JSON.stringify(kid)}`, { header: { kid }, sign: byEvil })),
  row('kid of a path to an empty secret', {
    header: { alg: 'HS256', kid: '../../dev/null' },
    sign: mac(''),
  }),
  row('kid that is a number', { header: { kid: 0 } }),
  row('kid that is a list', { header: { kid: ['rsa'] } }),
  row('kid that is an object', { header: { kid: { rsa: 1 } } }),
  row('kid without an end', { header: { kid: 'r'.repeat(257) } }),
  row('no name where several keys fit', { header: { kid: undefined }, sign: byEvil }),
];

const headers: readonly Forged[] = [
  row('crit', { header: { crit: ['urn:x'], 'urn:x': 1 } }, { header: { 'urn:x': 1 } }),
  row('crit of exp', { header: { crit: ['exp'], exp: nowSeconds + 300 } }),
  row('crit of nothing', { header: { crit: [] } }),
  row('crit that is no list', { header: { crit: 'exp' } }),
  row('crit of b64', { header: { crit: ['b64'], b64: true } }),
  row('b64', { header: { b64: false } }),
  row('zip', { header: { zip: 'DEF' } }),
  ...[
    'logout+jwt',
    'oauth-id-jag+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'client-authentication+jwt',
    'JOSE',
  ].map((typ) => row(`typ ${typ}`, { header: { typ } }, { header: { typ: 'JWT' } })),
  row('typ that is a number', { header: { typ: 1 } }, { header: { typ: undefined } }),
];

const issuers: readonly Forged[] = [
  ...[
    'https://evil.example',
    `${issuer}/`,
    `${issuer}.evil.example`,
    'https://LOGIN.example',
    'http://login.example',
    `${issuer}#a`,
    '',
  ].map((iss) => row(`iss ${iss}`, { claims: { iss } })),
  row('no iss', { claims: { iss: undefined } }),
  row('iss that is a list', { claims: { iss: [issuer] } }),
];

const audiences: readonly Forged[] = [
  ...[
    'https://other.example/mcp',
    'https://mcp.example',
    `${resource}/`,
    `${resource}/admin`,
    `${resource}?a`,
    'https://MCP.example/mcp',
    'http://mcp.example/mcp',
    issuer,
    '',
  ].map((aud) => row(`aud ${aud}`, { claims: { aud } })),
  row('no aud', { claims: { aud: undefined } }),
  row('aud of others', { claims: { aud: ['a', 'b'] } }, { claims: { aud: ['a', resource] } }),
  row('aud of nobody', { claims: { aud: [] } }, { claims: { aud: [resource] } }),
  row('aud that is an object', { claims: { aud: { [resource]: 1 } } }),
  row('aud in a list of lists', { claims: { aud: [[resource]] } }),
];

const after = (seconds: number): number => nowSeconds + seconds;

const times: readonly Forged[] = [
  row('no exp', { claims: { exp: undefined } }),
  row('exp long ago', { claims: { exp: 1 } }),
  row('exp a minute ago', { claims: { exp: after(-60) } }, { claims: { exp: after(-59) } }),
  row('exp in words', { claims: { exp: `${after(300)}` } }),
  row('exp null', { claims: { exp: null } }),
  row('exp never', { claims: { exp: 1e300 } }),
  row('exp below zero', { claims: { exp: -1 } }),
  row('nbf to come', { claims: { nbf: after(61) } }, { claims: { nbf: after(60) } }),
  row('nbf in words', { claims: { nbf: 'now' } }, { claims: { nbf: after(0) } }),
  row('iat to come', { claims: { iat: after(61) } }, { claims: { iat: after(60) } }),
  row('iat in words', { claims: { iat: 'now' } }, { claims: { iat: after(-1) } }),
  row('iat null', { claims: { iat: null } }, { claims: { iat: undefined } }),
  row('iat that is a list', { claims: { iat: [after(-1)] } }, { claims: { iat: after(-1) } }),
];

/** Signed by the same issuer, for this server, and of another kind. */
const purposes: readonly Forged[] = [
  row('a token that is bound to a key', { claims: { cnf: { jkt: 'a'.repeat(43) } } }),
  row('one that is bound to a certificate', { claims: { cnf: { 'x5t#S256': 'a'.repeat(43) } } }),
  row('one that is bound to nothing', { claims: { cnf: null } }),
  row('a logout token without its type', {
    claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
  }),
  row('an ID token with a nonce', { claims: { nonce: 'n' } }, { claims: { nonces: 'n' } }),
  row('an ID token of a token', { claims: { at_hash: 'a' } }),
  row('an ID token of a code', { claims: { c_hash: 'a' } }),
];

const subjects: readonly Forged[] = [
  row('no sub', { claims: { sub: undefined } }),
  row('sub of nobody', { claims: { sub: '' } }),
  row('sub that is a number', { claims: { sub: 1 } }, { claims: { sub: '1' } }),
  row('sub that is a list', { claims: { sub: ['ann'] } }),
];

const more = (text: string): string => `${claims.slice(0, -1)},${text}}`;

const twice: readonly Forged[] = [
  row('two iss', { claimsText: `{"iss":"https://evil.example",${claims.slice(1)}` }),
  row('two aud', { claimsText: more(`"aud":"${resource}"`) }),
  row('two exp', { claimsText: more(`"exp":${after(300)}`) }),
  row('two sub', { claimsText: more('"sub":"root"') }),
  row('two scope', { claimsText: more('"scope":"admin"') }),
  row('two aud, one of them escaped', { claimsText: more(`"\\u0061ud":"${resource}"`) }),
  row('two in an object within', { claimsText: more('"a":{"b":1,"b":2}') }),
  row('a prototype', { claimsText: more('"__proto__":{"sub":"root"}') }),
  row('two alg', { headerText: `{"alg":"none",${rs}}` }, { headerText: `{${rs}}` }),
  row('two kid', { headerText: `{"kid":"ec",${rs}}` }, { headerText: `{${rs}}` }),
];

const flipped = Buffer.from(goodSignature, 'base64url');
flipped[7]! ^= 1;
const ofAnother = make({ claims: { sub: 'ben' } }).split('.')[2];
const stranger = encode(JSON.stringify({ ...goodClaims, sub: 'root' }));
/** With bits at its end that stand for nothing. */
const spare = (part: string): string => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + letters[letters.indexOf(part.at(-1)!) + 1];
};
const classic = signed(`{${rs}}`, more('"a":"\u07ff\u07ff\u07ff~~~???"'), signers['RS256']!);
const padTo = (bytes: number): string => {
  const room = (size: number): string => make({ claims: { pad: 'a'.repeat(size) } });
  let size = 5500;
  while (room(size).length < bytes) size++;
  return room(size);
};

const texts: readonly Forged[] = [
  raw('one bit of the signature', `${goodHead}.${goodBody}.${flipped.toString('base64url')}`),
  raw('half a signature', good.slice(0, -100)),
  raw('the signature of another', `${goodHead}.${goodBody}.${ofAnother}`),
  raw('other claims', `${goodHead}.${stranger}.${goodSignature}`),
  raw('another header', `${encode(`{${rs},"a":1}`)}.${goodBody}.${goodSignature}`),
  raw('three dots', `${good}.`),
  raw('four parts', `${good}.${goodSignature}`),
  raw('five parts', `${good}.a.b`),
  raw('one part', goodHead),
  raw('nothing but dots', '..'),
  raw('padding', `${good}=`),
  raw('padding within', `${goodHead}==.${goodBody}.${goodSignature}`),
  raw('the other alphabet', classic.replaceAll('-', '+').replaceAll('_', '/'), classic),
  raw('spare bits in the signature', spare(good)),
  row('no JSON', { claimsText: 'ann' }),
  row('a list', { claimsText: `[${claims}]` }),
  row('a string', { claimsText: JSON.stringify(claims) }),
  row('null', { claimsText: 'null' }),
  row('something behind the claims', { claimsText: `${claims}x` }),
  row('a second object behind the claims', { claimsText: `${claims}{}` }),
  row('a NUL behind the claims', { claimsText: `${claims}\u0000` }),
  row('a mark of byte order', { claimsText: `\ufeff${claims}` }),
  row('something behind the header', { headerText: `{${rs}}x` }, { headerText: `{${rs}}` }),
  raw('no UTF-8', signed(`{${rs}}`, Buffer.from(more('"a":"\xff"'), 'latin1'), signers['RS256']!)),
  raw('8 KiB and more', padTo(8193), padTo(8189)),
  raw('no token of ours', `sp_${'0'.repeat(18)}_${'a'.repeat(43)}`),
];

const ours = signed(`{${rs}}`, claims, (data) => signers['RS256']!(data));
const foreign: readonly Forged[] = [
  raw('the token of another server', make({ claims: { aud: 'https://files.example/mcp' } }), ours),
  row('an ID token', { header: { typ: 'JWT' }, claims: { aud: 'client-1', nonce: 'a' } }),
  row('a token of another issuer with the same key name', {
    claims: { iss: 'https://evil.example' },
    sign: (data) => byEvil(data),
  }),
  row('an EC key of nobody', { alg: 'ES256', header: { kid: 'other' } }, { alg: 'ES256' }),
];

export const forged: readonly Forged[] = [
  ...noSignature,
  ...secrets,
  ...algorithms,
  ...keys,
  ...headers,
  ...issuers,
  ...audiences,
  ...times,
  ...purposes,
  ...subjects,
  ...twice,
  ...texts,
  ...foreign,
];
