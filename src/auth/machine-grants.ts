/** Tokens that no person is asked for: a program, or an enterprise, vouches for itself. */
import type { Credentials } from '../credentials.js';
import { McpError } from '../errors.js';
import { dpopKey } from './dpop.js';
import { findIssuer } from './find-issuer.js';
import type { GuardedFetch, NetworkOptions } from './guarded-fetch.js';
import { type ClientSecrets, type ClientKey, knownClient } from './known-client.js';
import { createPresenter, type Grant, type ObtainParts } from './presenter.js';
import {
  askForTokens,
  type KnownClient,
  type ServerRoad,
  type TokenCall,
  type OAuthLibrary,
  tokensOf,
} from './token-requests.js';
import { memoryTokens } from './token-store.js';

/** What all of them know of the client. */
export interface MachineOptions extends NetworkOptions {
  /** What the authorization server calls this client. */
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Proves who the client is in place of a secret. */
  readonly privateKey?: ClientKey;
  /** Whose client it is: no other authorization server is shown the secret, or an assertion. */
  readonly issuer: string;
  /** Default: those that the server names. */
  readonly scopes?: readonly string[];
  /** Has tokens bound to a key of this client (RFC 9449). */
  readonly dpop?: boolean;
  /** Asks authorization servers in place of the guarded fetch of this package. */
  readonly fetch?: GuardedFetch;
}

/** A program that is somebody itself (RFC 6749, section 4.4), by its secret or its key. */
export function clientCredentials(options: MachineOptions): Credentials {
  if (options.clientSecret === undefined && options.privateKey === undefined) {
    throw new TypeError('clientCredentials: give a clientSecret or a privateKey');
  }
  return machine(options, ({ as, client, auth, options: parts }, library, { params }) =>
    library.clientCredentialsGrantRequest(as, client, auth, params, parts),
  );
}

/** A value, or where the newest one comes from. */
export type Fresh = string | (() => string | Promise<string>);

export interface JwtBearerOptions extends MachineOptions {
  /** A JWT that the authorization server trusts, such as the identity of a workload. */
  readonly assertion: Fresh;
}

/** Trades a JWT for an access token (RFC 7523, section 2.1). */
export function jwtBearer(options: JwtBearerOptions): Credentials {
  return machine(options, async (call, library, { params }) =>
    bearerGrant(call, library, params, await fresh(options.assertion)),
  );
}

export interface EnterpriseOptions extends MachineOptions {
  /** Where the people of the enterprise log in. */
  readonly identityProvider: {
    readonly issuer: string;
    /** Default: as its metadata says. */
    readonly tokenEndpoint?: string;
    /** What it calls this client. */
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly privateKey?: ClientKey;
  };
  /** What it gave out at the login of the person (OpenID Connect). */
  readonly idToken: Fresh;
}

/**
 * Has the identity provider of an enterprise vouch for a person who has logged in there, so that
 * nobody needs to log in to each server (ID-JAG).
 */
export function enterprise(options: EnterpriseOptions): Credentials {
  return machine(options, async (call, library, { params, road }) =>
    bearerGrant(call, library, params, await identityAssertion(options, road, params)),
  );
}

async function identityAssertion(
  { identityProvider: provider, idToken }: EnterpriseOptions,
  road: ServerRoad,
  params: URLSearchParams,
): Promise<string> {
  const { issuer, tokenEndpoint, clientId } = provider;
  const metadata =
    tokenEndpoint === undefined
      ? await findIssuer(issuer, road)
      : { issuer, token_endpoint: tokenEndpoint };
  const client = await knownClient(clientId, provider, metadata);
  const subject = await fresh(idToken);
  const said = await askForTokens({ ...road, issuer, metadata }, client, {
    send: (library, { as, client: who, auth, options }) =>
      library.genericTokenEndpointRequest(
        as,
        who,
        auth,
        'urn:ietf:params:oauth:grant-type:token-exchange',
        {
          requested_token_type: idJag,
          audience: road.issuer,
          resource: road.resource,
          subject_token: subject,
          subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
          ...(params.has('scope') ? { scope: params.get('scope')! } : {}),
        },
        options,
      ),
    // What is given out is no access token, and says so (RFC 8693, section 2.2.1).
    read: (library, { as, client: who }, response) =>
      library.processGenericTokenEndpointResponse(as, who, response, {
        recognizedTokenTypes: { n_a: () => undefined },
      }),
  });
  if (said['issued_token_type'] === idJag) return said.access_token;
  throw new McpError('unauthorized', 'The identity provider gave something else than an ID-JAG');
}

const idJag = 'urn:ietf:params:oauth:token-type:id-jag';

function bearerGrant(
  { as, client, auth, options }: TokenCall,
  library: OAuthLibrary,
  params: URLSearchParams,
  assertion: string,
): Promise<Response> {
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const all = new URLSearchParams([...params, ['assertion', assertion]]);
  return library.genericTokenEndpointRequest(as, client, auth, grant, all, options);
}

type Send = (
  call: TokenCall,
  library: OAuthLibrary,
  about: { readonly params: URLSearchParams; readonly road: ServerRoad },
) => Promise<Response>;

function machine(options: MachineOptions, send: Send): Credentials {
  const { clientId, clientSecret, privateKey, scopes, issuer } = options;
  // A program in plain JavaScript may leave it out.
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) {
    throw new TypeError('Give the issuer: secrets and assertions are shown to no other server');
  }
  const secrets: ClientSecrets = { clientSecret, privateKey };
  const identify = ({ metadata }: ServerRoad): Promise<KnownClient> =>
    knownClient(clientId, secrets, metadata);
  const obtain: Grant['obtain'] = async ({ road, scopes: asked }: ObtainParts) => {
    const params = new URLSearchParams({ resource: road.resource });
    if (asked.length > 0) params.set('scope', asked.join(' '));
    const key = options.dpop === true ? await dpopKey() : undefined;
    const client = await identify(road);
    const request = {
      send: (library: OAuthLibrary, call: TokenCall) => send(call, library, { params, road }),
    };
    const said = await askForTokens(road, client, request, key);
    return tokensOf(said, road, { clientId, scopes: asked, dpop: key });
  };
  const store = memoryTokens();
  const issuerFor = (): Promise<string> => Promise.resolve(issuer);
  const grant: Grant = { obtain, identify, scopes, issuerFor, store, wantsRefresh: false };
  return { openFor: (context) => createPresenter(grant, context, options) };
}

function fresh(value: Fresh): string | Promise<string> {
  return typeof value === 'string' ? value : value();
}
