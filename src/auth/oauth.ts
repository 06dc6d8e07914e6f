import type { Credentials, CredentialsContext } from '../credentials.js';
import { McpError } from '../errors.js';
import type { JsonObject } from '../json-rpc/message.js';
import { resolveLimits } from '../limits.js';
import { systemClock } from '../platform/clock.js';
import {
  checkIssuer,
  finishLogin,
  loginFromJson,
  startLogin,
  type StartedLogin,
} from './code-login.js';
import { guardedFetch, type GuardedFetch, type NetworkOptions } from './guarded-fetch.js';
import type { ClientKey } from './known-client.js';
import { createPresenter, type Grant, type ObtainParts } from './presenter.js';
import {
  checkRegistration,
  checkSecrets,
  forgetRegistration,
  identify,
  recognize,
  type Registration,
} from './register.js';
import { keepTokens, type StoredTokens } from './stored-tokens.js';
import { isClientUnknown, type KnownClient } from './token-requests.js';
import { memoryTokens, putEntry, storeKeys, type TokenStore } from './token-store.js';

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
  /**
   * Whose client it is: no other authorization server is told of it. Has to be given with a secret
   * or a key. A `clientId` alone belongs to the first one that gave out tokens for it.
   */
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
  checkSecrets('oauth', { ...secrets, issuer });
  const dpop = options.dpop === true;
  const allowLoopbackHttp = options.allowLoopbackHttp === true;
  const base = { dpop, registration, store, allowLoopbackHttp };
  const way = onLogin === undefined ? undefined : { ...base, onLogin };
  const issuerFor = async (server: string): Promise<string | undefined> => {
    if (issuer !== undefined || clientId === undefined) return issuer;
    const { issuer: pinned } = (await store.get(storeKeys.pin(server, clientId))) ?? {};
    return typeof pinned === 'string' ? pinned : undefined;
  };
  /** Limits and time of the newest connection: whoever finishes a login has none of his own. */
  let opened: CredentialsContext | undefined;
  const grant: Grant = {
    obtain: way && ((parts) => logIn(parts, way)),
    identify: (road, id) => recognize(road, registration, store, id),
    forgetClient: (where, id) => forgetRegistration(store, where, id),
    scopes,
    issuerFor,
    store,
    wantsRefresh: true,
  };
  return {
    openFor: (context) => createPresenter(grant, (opened = context), options),
    async finish(cameBack) {
      const params = new URL(cameBack).searchParams;
      const state = params.get('state') ?? '';
      const login = loginFromJson(await store.get(storeKeys.login(state))) ?? noLogin();
      // What is wrong with an answer of somebody else must not use up the login.
      checkIssuer(login, params);
      const typedUrl = login.server;
      const fetch = guardedFetch({ ...options, typedUrl });
      const { limits = resolveLimits(), platform } = opened ?? {};
      const road = { ...login, fetch, limits, clock: platform?.clock ?? systemClock };
      const client = await recognize(road, registration, store);
      const only = (await issuerFor(typedUrl)) ?? login.issuer;
      if (client?.clientId !== login.clientId || only !== login.issuer) {
        throw new McpError('unauthorized', 'That login was begun by another client');
      }
      await takeLogin(store, state);
      const tokens = await finishLogin(login, params, client, road).catch(
        async (thrown: unknown) => {
          if (isClientUnknown(thrown)) {
            await forgetRegistration(store, login.issuer, client.clientId);
          }
          throw thrown;
        },
      );
      await pin(store, login.server, tokens, registration);
      await keepTokens(store, login.server, tokens);
    },
  };
}

interface LoginWay {
  readonly onLogin: NonNullable<OAuthOptions['onLogin']>;
  readonly dpop: boolean;
  readonly registration: Registration;
  readonly store: TokenStore;
  readonly allowLoopbackHttp: boolean;
}

/** With another registration where the authorization server does not know the first any more. */
async function logIn(parts: ObtainParts, way: LoginWay): Promise<StoredTokens> {
  const { registration, store } = way;
  for (let isSecond = false; ; isSecond = true) {
    const client = await identify(parts.road, registration, store);
    try {
      const tokens = await logInAs(client, parts, way);
      await pin(store, parts.context.url, tokens, registration);
      return tokens;
    } catch (thrown) {
      const isUnknown = isClientUnknown(thrown);
      // Some tell it to the person alone, and never send the browser back.
      const isLost = isUnknown || (thrown instanceof McpError && thrown.kind === 'timeout');
      const { issuer } = parts.place;
      const isNew = isLost && (await forgetRegistration(store, issuer, client.clientId));
      if (isSecond || !isNew || !isUnknown) throw thrown;
    }
  }
}

async function logInAs(
  client: KnownClient,
  { context, place, road, scopes }: ObtainParts,
  { onLogin, dpop, registration, store, allowLoopbackHttp }: LoginWay,
): Promise<StoredTokens> {
  const { url: server, waiting, signal } = context;
  const { redirectUrl } = registration;
  const base = { server, place, redirectUrl, scopes, dpop, allowLoopbackHttp };
  const wish = { ...base, clientId: client.clientId };
  const { url, login } = await startLogin({ ...wish, now: road.clock.now() });
  await putEntry(store, storeKeys.login(login.state), { ...login });
  const request = { url, server, issuer: place.issuer, scopes, signal };
  const cameBack = await waiting(async () => onLogin(request)).catch(async (thrown: unknown) => {
    await putEntry(store, storeKeys.login(login.state), undefined);
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
  return loginFromJson(taken) ?? noLogin();
}

function noLogin(): never {
  throw new McpError('unauthorized', 'Nobody was sent to that login, or it was answered before');
}

/** What a client is called by one authorization server is no business of another. */
async function pin(
  store: TokenStore,
  server: string,
  { issuer }: StoredTokens,
  { clientId }: Registration,
): Promise<void> {
  if (clientId === undefined) return;
  await putEntry(store, storeKeys.pin(server, clientId), { issuer });
}
