import type { ClientAuth } from 'oauth4webapi';
import { McpError } from '../errors.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { KnownClient } from './token-requests.js';

/** How a client proves to an authorization server who it is. */
export interface ClientSecrets {
  readonly clientSecret?: string | undefined;
  readonly privateKey?: ClientKey | undefined;
}

/** A key whose other half the authorization server knows (RFC 7523, section 2.2). */
export interface ClientKey {
  /** PKCS #8 in PEM. */
  readonly pem: string;
  /** Such as `ES256`. */
  readonly algorithm: string;
  readonly kid?: string;
}

/** Takes a method that the server takes: rather one in which no secret stands in a body. */
export async function knownClient(
  clientId: string,
  { clientSecret, privateKey }: ClientSecrets,
  metadata: JsonObject,
  registeredMethod?: string,
): Promise<KnownClient> {
  const library = await import('oauth4webapi');
  const auth = async (): Promise<ClientAuth> => {
    if (privateKey !== undefined) {
      const { pem, algorithm, kid } = privateKey;
      const key = await importKey(pem, algorithm);
      return library.PrivateKeyJwt(kid === undefined ? key : { key, kid });
    }
    if (clientSecret === undefined || registeredMethod === 'none') return library.None();
    const method = registeredMethod ?? methodFor(metadata);
    if (method === 'client_secret_basic') return secretInHeader(clientSecret);
    if (method === 'client_secret_post') return library.ClientSecretPost(clientSecret);
    throw new McpError('unauthorized', 'The authorization server takes no client secret');
  };
  return { clientId, auth: await auth() };
}

/** RFC 6749, section 2.3.1. The library escapes more than forms do, which not all servers undo. */
function secretInHeader(clientSecret: string): ClientAuth {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return (_as, { client_id: clientId }, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`);
  };
}

function methodFor({ token_endpoint_auth_methods_supported: offered }: JsonObject): string {
  // RFC 8414, section 2: what is not said is client_secret_basic.
  if (!Array.isArray(offered)) return 'client_secret_basic';
  return ['client_secret_basic', 'client_secret_post'].find((one) => offered.includes(one)) ?? '';
}

async function importKey(pem: string, algorithm: string): Promise<CryptoKey> {
  const { importPKCS8 } = await import('jose');
  try {
    return await importPKCS8(pem, algorithm);
  } catch {
    // Whatever the cause quotes, it may quote the key.
    throw new McpError('unauthorized', `The private key is none for ${algorithm} in PKCS #8`);
  }
}
