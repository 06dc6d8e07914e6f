import type { Credentials } from '../credentials.js';
import { McpError } from '../errors.js';
import type { JsonObject } from '../json-rpc/message.js';
import { resolveLimits } from '../limits.js';
import { systemClock } from '../platform/clock.js';
import { finishLogin, loginFromJson, startLogin, type StartedLogin } from './code-login.js';
import { type GuardedFetch, type NetworkOptions, openGuardedFetch } from './guarded-fetch.js';
import type { ClientKey } from './known-client.js';
import { createPresenter, type Grant, type ObtainParts } from './presenter.js';
import { checkRegistration, identify, recognize, type Registration } from './register.js';
import { type StoredTokens, tokensToJson } from './stored-tokens.js';
import { memoryTokens, storeKeys, type TokenStore } from './token-store.js';

/** A login that a person has to go through. */
export interface LoginRequest {
  /** The page to open in a browser: http or https, of the authorization server. */
  readonly url: string;
  /** The address of the MCP server that wants it. */
  readonly server: string;
  /** Whose page it is. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** Aborts when nobody waits for the login any more. */
  readonly signal: AbortSignal | undefined;
}

export interface OAuthOptions extends NetworkOptions {
  /** Where the browser comes back to: https, or http on this machine. */
  readonly redirectUrl: string;
  /**
   * Sends a person to the page. Without it nobody logs in: only tokens of the store are of use.
   * Resolves with the address that the browser came back to, or with
   * undefined when that is going to be handed to `finish`, as in a web server: whatever needed the
   * login is then refused with `unauthorized`, and has to be done again.
   */
  readonly onLogin?: (
    request: LoginRequest,
  ) => Promise<string | URL | undefined> | string | URL | undefined;
  /** Under which name this client registers itself. Default: sallyport. */
  readonly clientName?: string;
  /** What the authorization server calls this client, where it was registered by hand. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Proves who the client is in place of a secret. */
  readonly privateKey?: ClientKey;
  /** Whose client it is. With a `clientId`, no other authorization server is told of it. */
  readonly issuer?: string;
  /** The https address of a document that describes this client, and is its id. */
  readonly clientMetadataUrl?: string;
  /** The scopes to ask for at first. Default: those that the server names. */
  readonly scopes?: readonly string[];
  /** Where tokens are kept. Default: in this process. */
  readonly store?: TokenStore;
  /** Has tokens bound to a key of this client, where the authorization server can (RFC 9449). */
  readonly dpop?: boolean;
  /** Asks authorization servers in place of the guarded fetch of this package. */
  readonly fetch?: GuardedFetch;
}

export interface OAuth extends Credentials {
  /**
   * The second half of a login whose first half went without an answer: takes the address that the
   * browser came back to. Rejects with McpError unless this client has sent it there.
   */
  finish(cameBack: string | URL): Promise<void>;
}

/** Lets a person log in where a server wants to know who calls. */
export function oauth(options: OAuthOptions): OAuth {
  const { store = memoryTokens(), clientName = 'sallyport', scopes, issuer, onLogin } = options;
  const { clientId, clientSecret, privateKey, clientMetadataUrl, redirectUrl } = options;
  const secrets = { clientSecret, privateKey };
  const registration = { ...secrets, clientId, clientMetadataUrl, clientName, redirectUrl };
  checkRegistration(registration);
  const dpop = options.dpop === true;
  const way = onLogin === undefined ? undefined : { onLogin, dpop, registration, store };
  const grant: Grant = {
    obtain: way && ((parts) => logIn(parts, way)),
    identify: (road) => recognize(road, registration, store),
    scopes,
    issuer,
    store,
    wantsRefresh: true,
  };
  return {
    openFor: (context) => createPresenter(grant, context, options),
    async finish(cameBack) {
      const params = new URL(cameBack).searchParams;
      const login = await takeLogin(store, params.get('state') ?? '');
      const typedUrl = login.server;
      const fetch = options.fetch ?? (await openGuardedFetch({ ...options, typedUrl }));
      const road = { ...login, fetch, limits: resolveLimits(), clock: systemClock };
      const client = await recognize(road, registration, store);
      if (client?.clientId !== login.clientId) {
        throw new McpError('unauthorized', 'That login was begun by another client');
      }
      await keepTokens(store, login.server, await finishLogin(login, params, client, road));
    },
  };
}

interface LoginWay {
  readonly onLogin: NonNullable<OAuthOptions['onLogin']>;
  readonly dpop: boolean;
  readonly registration: Registration;
  readonly store: TokenStore;
}

async function logIn(
  { context, place, road, scopes }: ObtainParts,
  { onLogin, dpop, registration, store }: LoginWay,
): Promise<StoredTokens> {
  const { url: server, waiting, signal } = context;
  const { redirectUrl } = registration;
  const client = await identify(road, registration, store);
  const wish = { server, place, redirectUrl, scopes, dpop, clientId: client.clientId };
  const { url, login } = await startLogin({ ...wish, now: road.clock.now() });
  await store.update(storeKeys.login(login.state), () => Promise.resolve(asJson(login)));
  const request = { url, server, issuer: place.issuer, scopes, signal };
  const cameBack = await waiting(async () => onLogin(request)).catch(async (thrown: unknown) => {
    await forget(store, login.state);
    if (thrown instanceof McpError) throw thrown;
    throw new McpError('unauthorized', 'Nobody logged in', { cause: thrown });
  });
  if (cameBack === undefined) {
    const data = { loginUrl: url };
    throw new McpError('unauthorized', 'Somebody has to log in first', { data });
  }
  await takeLogin(store, login.state);
  if (!URL.canParse(String(cameBack))) throw new TypeError('onLogin: the answer is no URL');
  return finishLogin(login, new URL(cameBack).searchParams, client, road);
}

function asJson(login: StartedLogin): JsonObject {
  return { ...login };
}

/** Each login is answered once. */
async function takeLogin(store: TokenStore, state: string): Promise<StartedLogin> {
  let taken: JsonObject | undefined;
  const key = storeKeys.login(state);
  if ((await store.get(key)) !== undefined) {
    await store.update(key, (now) => {
      taken = now;
      return Promise.resolve(undefined);
    });
  }
  const login = loginFromJson(taken);
  if (login !== undefined) return login;
  throw new McpError('unauthorized', 'Nobody was sent to that login, or it was answered before');
}

async function forget(store: TokenStore, state: string): Promise<void> {
  await store.update(storeKeys.login(state), () => Promise.resolve(undefined));
}

async function keepTokens(store: TokenStore, server: string, tokens: StoredTokens): Promise<void> {
  const { issuer, resource } = tokens;
  const json = tokensToJson(tokens);
  await store.update(storeKeys.tokens(issuer, resource), () => Promise.resolve(json));
  await store.update(storeKeys.server(server), () => Promise.resolve({ issuer, resource }));
}
