import { countKeys } from '../json-rpc/count-keys.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { boundsForServer } from '../json-rpc/parse.js';
import { scanJson } from '../json-rpc/scan.js';
import { defaultLimits } from '../limits.js';
import { fromBase64Url } from '../platform/random.js';
import { refuseToken } from './refuse-token.js';

/** Tokens for somebody else's purpose, which the same issuer may sign with the same key. */
const types: ReadonlySet<unknown> = new Set(['at+jwt', 'application/at+jwt', 'jwt', undefined]);

/** Members by which a token would bring its own key, or say what the key is. */
const ownKeys = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'enc', 'zip'] as const;

/**
 * Refuses a token whose two readers could see two different things, and whatever its header wants
 * beyond naming one of our keys. That the signature is right is not looked at here.
 */
export function refuseOddJwt(token: string): void {
  const parts = token.split('.');
  if (parts.length !== 3) throw refuseToken('It does not have three parts');
  const [header, payload, signature] = parts.map((part) => readPart(part));
  if (signature?.length === 0) throw refuseToken('It has no signature');
  const { typ, kid, ...rest } = readObject(header!, 'header');
  refuseOtherPurpose(readObject(payload!, 'payload'));
  const own = ownKeys.find((name) => Object.hasOwn(rest, name));
  if (own !== undefined) throw refuseToken(`Its header has ${own}`);
  if (!types.has(typeof typ === 'string' ? typ.toLowerCase() : typ)) {
    throw refuseToken('Its type is not that of an access token');
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > defaultLimits.kidLengthMax)) {
    throw refuseToken('Its kid is no short string');
  }
}

/** Whatever its `typ` says: tokens for another use, and those that nobody may merely show. */
function refuseOtherPurpose(claims: JsonObject): void {
  const { iat, nbf } = claims;
  if (Object.hasOwn(claims, 'cnf')) throw refuseToken('It is bound to a key: no bearer shows that');
  if (Object.hasOwn(claims, 'events')) throw refuseToken('It tells of an event (RFC 8417)');
  const idMark = ['nonce', 'at_hash', 'c_hash'].find((name) => Object.hasOwn(claims, name));
  if (idMark !== undefined) throw refuseToken(`It has ${idMark}, as ID tokens do`);
  const times = [iat, nbf].filter((time) => time !== undefined);
  if (!times.every(Number.isFinite)) throw refuseToken('iat or nbf is no time');
}

const bounds = boundsForServer(defaultLimits);

function readPart(part: string): Uint8Array {
  const bytes = fromBase64Url(part);
  if (bytes === undefined) throw refuseToken('It is not strictly base64url');
  return bytes;
}

function readObject(bytes: Uint8Array, what: string): JsonObject {
  const members = scanJson(bytes, bounds);
  if (members < 0) throw refuseToken(`Its ${what} is nested too deeply, or has too many values`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw refuseToken(`Its ${what} is not JSON`);
  }
  if (!isJsonObject(value)) throw refuseToken(`Its ${what} is no object`);
  // The last of two members of one name would count here, and perhaps the first elsewhere.
  if (countKeys(value) !== members) throw refuseToken(`Its ${what} names a member twice`);
  return value;
}
