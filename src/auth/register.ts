import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { isLoopbackUrl } from '../platform/loopback.js';
import { type ClientSecrets, knownClient } from './known-client.js';
import {
  errorCode,
  type KnownClient,
  refusalOf,
  requestOptions,
  type ServerRoad,
} from './token-requests.js';
import { storeKeys, type TokenStore } from './token-store.js';

/** Who a client is, or how it becomes somebody. */
export interface Registration extends ClientSecrets {
  readonly clientId?: string | undefined;
  readonly clientMetadataUrl?: string | undefined;
  readonly clientName: string;
  readonly redirectUrl: string;
}

/**
 * Who this client is to an authorization server: as it was told, by the document that describes it,
 * by an earlier registration there, or by a new one, in this order.
 */
export async function identify(
  road: ServerRoad,
  registration: Registration,
  store: TokenStore,
): Promise<KnownClient> {
  const told = await identifyAsTold(road, registration);
  if (told !== undefined) return told;
  const kept = await store.update(storeKeys.client(road.issuer), async (now) =>
    isUsable(now, registration, road) ? now : register(road, registration),
  );
  return asKept(kept, road);
}

/**
 * Forgets a registration that the authorization server does not know any more. Resolves with
 * whether it was one that is made again by itself: not one that somebody made by hand.
 */
export async function forgetRegistration(
  store: TokenStore,
  issuer: string,
  clientId: string,
): Promise<boolean> {
  let isForgotten = false;
  const key = storeKeys.client(issuer);
  if ((await store.get(key)) === undefined) return false;
  await store.update(key, (now) => {
    isForgotten = now?.['clientId'] === clientId && now['isByHand'] !== true;
    return Promise.resolve(isForgotten ? undefined : now);
  });
  return isForgotten;
}

/** As `identify`, for what needs no login: nobody is registered for it. With the id it had. */
export async function recognize(
  road: ServerRoad,
  registration: Registration,
  store: TokenStore,
  clientId?: string,
): Promise<KnownClient | undefined> {
  const told = await identifyAsTold(road, registration);
  if (told !== undefined) return told;
  const kept = await store.get(storeKeys.client(road.issuer));
  const isMeant = clientId === undefined || kept?.['clientId'] === clientId;
  if (kept !== undefined && isMeant) return asKept(kept, road);
  // Its registration was forgotten with another login: a client without a secret needs none.
  return clientId === undefined ? undefined : knownClient(clientId, {}, road.metadata);
}

async function identifyAsTold(
  { metadata }: ServerRoad,
  registration: Registration,
): Promise<KnownClient | undefined> {
  const { clientId, clientMetadataUrl, privateKey } = registration;
  if (clientId !== undefined) return knownClient(clientId, registration, metadata);
  const takesDocuments = metadata['client_id_metadata_document_supported'] === true;
  if (clientMetadataUrl === undefined || !takesDocuments) return undefined;
  return knownClient(clientMetadataUrl, { privateKey }, metadata);
}

function asKept(kept: JsonObject | undefined, { metadata }: ServerRoad): Promise<KnownClient> {
  const { clientId: id, clientSecret: secret, authMethod: method } = kept ?? {};
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  return knownClient(text(id) ?? '', { clientSecret: text(secret) }, metadata, text(method));
}

/** A secret goes to whoever the server names, unless it is said whose it is. */
export function checkSecrets(
  who: string,
  { clientSecret, privateKey, issuer }: ClientSecrets & { readonly issuer?: string | undefined },
): void {
  if (issuer !== undefined) {
    if (!URL.canParse(issuer)) throw new TypeError(`${who}: issuer is no URL`);
  } else if (clientSecret !== undefined || privateKey !== undefined) {
    throw new TypeError(`${who}: give the issuer that the secret is for`);
  }
}

/** Throws a TypeError for options that contradict each other or can never work. */
export function checkRegistration({ redirectUrl, clientMetadataUrl }: Registration): void {
  if (!URL.canParse(redirectUrl)) throw new TypeError('oauth: redirectUrl is no URL');
  const { protocol, hash } = new URL(redirectUrl);
  const isSafe = protocol !== 'http:' || isLoopbackUrl(redirectUrl);
  if (!isSafe || hash !== '' || /^(?:javascript|data|file|vbscript):$/.test(protocol)) {
    throw new TypeError('oauth: redirectUrl is https, http on this machine, or of an own scheme');
  }
  if (clientMetadataUrl === undefined) return;
  const { protocol: scheme = '', pathname = '/' } = URL.canParse(clientMetadataUrl)
    ? new URL(clientMetadataUrl)
    : {};
  if (scheme === 'https:' && pathname !== '/') return;
  throw new TypeError('oauth: clientMetadataUrl is an https URL with a path');
}

function isUsable(
  kept: JsonObject | undefined,
  { redirectUrl }: Registration,
  { clock }: ServerRoad,
): boolean {
  if (kept === undefined || kept['redirectUrl'] !== redirectUrl) return false;
  const { secretEndsAt } = kept;
  return typeof secretEndsAt !== 'number' || secretEndsAt > clock.now();
}

/** Dynamic registration (RFC 7591). */
async function register(road: ServerRoad, registration: Registration): Promise<JsonObject> {
  const { metadata } = road;
  if (typeof metadata['registration_endpoint'] !== 'string') {
    throw new McpError(
      'unauthorized',
      'The authorization server registers no clients by itself: give a clientId that it knows',
    );
  }
  const { redirectUrl } = registration;
  const library = await import('oauth4webapi');
  const method = wantedMethod(metadata);
  const isWeb = redirectUrl.startsWith('https:');
  const response = await library
    .dynamicClientRegistrationRequest(
      metadata as never,
      {
        client_name: registration.clientName,
        redirect_uris: [redirectUrl],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        application_type: isWeb ? 'web' : 'native',
        ...(method === undefined ? {} : { token_endpoint_auth_method: method }),
      },
      requestOptions(library, road),
    )
    .catch((thrown: unknown) => {
      throw refusalOf(library, thrown);
    });
  const said: unknown = await response.json().catch(() => undefined);
  const text = isJsonObject(said) ? said : {};
  // Some answer 200, and leave out when a secret ends, which the library would not forgive.
  if ((response.status === 201 || response.status === 200) && isClientId(text['client_id'])) {
    return registrationOf(text, method, redirectUrl);
  }
  const code = errorCode(text['error']);
  const why = code === undefined ? '' : ` (${code})`;
  throw new McpError(
    'unauthorized',
    `The authorization server does not register this client${why}: give a clientId`,
  );
}

function isClientId(value: unknown): boolean {
  return typeof value === 'string' && /^[\x20-\x7e]{1,2048}$/.test(value);
}

function registrationOf(
  said: JsonObject,
  asked: string | undefined,
  redirectUrl: string,
): JsonObject {
  const { client_id: clientId, client_secret: clientSecret } = said;
  const { client_secret_expires_at: endsAt, token_endpoint_auth_method: method = asked } = said;
  return {
    clientId: clientId!,
    redirectUrl,
    ...(typeof clientSecret === 'string' ? { clientSecret } : {}),
    ...(typeof method === 'string' ? { authMethod: method } : {}),
    // Zero stands for never.
    ...(typeof endsAt === 'number' && endsAt > 0 ? { secretEndsAt: endsAt * 1000 } : {}),
  };
}

/** A client on somebody's machine has no secrets, where the server has a choice. */
function wantedMethod(metadata: JsonObject): string | undefined {
  const { token_endpoint_auth_methods_supported: offered } = metadata;
  if (!Array.isArray(offered)) return undefined;
  return ['none', 'client_secret_basic', 'client_secret_post'].find((one) => offered.includes(one));
}
