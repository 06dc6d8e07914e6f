import type { CredentialsContext, Presenter, RefusedRequest } from '../credentials.js';
import { McpError } from '../errors.js';
import { type DpopKey, dpopKey } from './dpop.js';
import { findPlace, type Place } from './find-resource.js';
import { guardedFetch, type GuardedFetch, type NetworkOptions } from './guarded-fetch.js';
import { type Challenge, readChallenge } from './read-challenge.js';
import { createRenewalTimes } from './renewal-times.js';
import { createStepUps } from './step-ups.js';
import { keepTokens, type StoredTokens, tokensFromJson, tokensToJson } from './stored-tokens.js';
import {
  isClientUnknown,
  isGrantOver,
  type KnownClient,
  renewTokens,
  type ServerRoad,
} from './token-requests.js';
import { storeKeys, type TokenStore } from './token-store.js';

/** How tokens are got at first: the part in which logins and machine grants differ. */
export interface Grant {
  /**
   * Rejects with McpError when there are none to be had, or not yet. Undefined where only tokens
   * that are kept already are of use.
   */
  readonly obtain: ((parts: ObtainParts) => Promise<StoredTokens>) | undefined;
  /** Who refreshes them; undefined when nobody is known to the authorization server. */
  identify(road: ServerRoad, clientId: string): Promise<KnownClient | undefined>;
  /** The scopes to ask for whatever the server says. */
  readonly scopes: readonly string[] | undefined;
  /** The only authorization server that will do for a server, if there is one. */
  issuerFor(server: string): Promise<string | undefined>;
  /** Forgets a registration that an authorization server does not know any more. */
  forgetClient?(issuer: string, clientId: string): Promise<boolean>;
  readonly store: TokenStore;
  /** Asks for `offline_access` where the authorization server knows it. */
  readonly wantsRefresh: boolean;
}

export interface ObtainParts {
  readonly context: CredentialsContext;
  readonly place: Place;
  readonly road: ServerRoad;
  readonly scopes: readonly string[];
}

export interface PresenterOptions extends NetworkOptions {
  readonly fetch?: GuardedFetch | undefined;
}

/** Keeps the tokens for one server: shows them, renews them, gets others when they will not do. */
export function createPresenter(
  grant: Grant,
  context: CredentialsContext,
  options: PresenterOptions,
): Presenter {
  const { url, limits, platform } = context;
  const { clock } = platform;
  const times = createRenewalTimes(clock, limits);
  const mayStepUp = createStepUps(limits);
  let tokens: StoredTokens | undefined;
  let loading: Promise<void> | undefined;
  let working: Promise<boolean> | undefined;
  let key: DpopKey | undefined;
  let nonce: string | undefined;
  /** From a login that no answer has confirmed so far, and what was asked for in it. */
  let unproven: string | undefined;
  /** From a renewal that no answer has confirmed so far. */
  let renewed: string | undefined;
  let asked: readonly string[] = [];

  const fetch = guardedFetch({ ...options, typedUrl: url });
  const road = ({ issuer, metadata, resource }: Place): ServerRoad => {
    return { fetch, limits, clock, issuer, metadata, resource };
  };
  const use = async (next: StoredTokens | undefined): Promise<void> => {
    tokens = next;
    key = next?.dpopKey === undefined ? undefined : await dpopKey(next.dpopKey);
  };
  const load = async (): Promise<void> => {
    const known = await grant.store.get(storeKeys.server(url));
    const { issuer, resource } = known ?? {};
    if (typeof issuer !== 'string' || typeof resource !== 'string') return;
    await use(tokensFromJson(await grant.store.get(storeKeys.tokens(issuer, resource))));
  };
  const keep = async (next: StoredTokens): Promise<void> => {
    await keepTokens(grant.store, url, next);
    await use(next);
  };
  const discover = async (challenge: Challenge): Promise<Place> => {
    const issuer = await grant.issuerFor(url);
    const known = tokens?.issuer;
    return findPlace(url, challenge, { fetch, limits, issuer, known });
  };
  /** Whoever has the entry to himself finds it renewed by another, or renews it for all. */
  const renew = async (old: StoredTokens, place: Place): Promise<boolean> => {
    const way = road(place);
    const client = await grant.identify(way, old.clientId);
    if (client?.clientId !== old.clientId) return false;
    try {
      const kept = await grant.store.update(
        storeKeys.tokens(old.issuer, old.resource),
        async (now) => {
          const current = tokensFromJson(now);
          // Logged out meanwhile, or renewed by another.
          if (current?.accessToken !== old.accessToken) return now;
          const next = await renewTokens(way, client, current, key);
          renewed = next.accessToken;
          return tokensToJson(next);
        },
      );
      await use(tokensFromJson(kept));
      return true;
    } catch (thrown) {
      if (!isGrantOver(thrown)) throw thrown;
      if (isClientUnknown(thrown)) await grant.forgetClient?.(old.issuer, old.clientId);
      return false;
    }
  };
  const obtain = async (place: Place, scopes: readonly string[]): Promise<boolean> => {
    if (grant.obtain === undefined) return false;
    const all = withOffline([...new Set(scopes)], place, grant.wantsRefresh);
    const next = await grant.obtain({ context, place, road: road(place), scopes: all });
    // Only now: whoever declined is asked again when it is needed again.
    asked = all;
    await keep(next);
    unproven = next.accessToken;
    return true;
  };
  const getIn = async (challenge: Challenge): Promise<boolean> => {
    const old = tokens;
    if (old !== undefined && unproven === old.accessToken) return false;
    await load();
    // Another connection, or process, may have been here since.
    if (tokens !== undefined && tokens.accessToken !== old?.accessToken) return true;
    // Nobody is asked anything for what cannot end well.
    const isRenewable = old?.refreshToken !== undefined && renewed !== old.accessToken;
    if (grant.obtain === undefined && !isRenewable) return false;
    const place = await discover(challenge);
    if (isRenewable && isOf(place, old) && (await renew(old, place))) return true;
    return obtain(place, [
      ...soFar(place),
      ...(grant.scopes ?? challenge.scopes ?? place.scopes ?? []),
    ]);
  };
  /** A login takes the place of what was granted before, which must not get lost by it. */
  const soFar = (place: Place): readonly string[] =>
    tokens !== undefined && isOf(place, tokens) ? [...asked, ...tokens.scopes] : [];
  const stepUp = async (challenge: Challenge, operation?: string): Promise<boolean> => {
    const wanted = challenge.scopes ?? [];
    // A server that is not content with what it asked for would have us ask for ever.
    const isNew = wanted.some((one) => !asked.includes(one));
    if (challenge.error !== 'insufficient_scope' || !isNew || grant.obtain === undefined) {
      return false;
    }
    if (!mayStepUp(operation)) return false;
    const place = await discover(challenge);
    return obtain(place, [...soFar(place), ...wanted]);
  };
  const alone = (work: () => Promise<boolean>): Promise<boolean> => {
    working ??= work().finally(() => (working = undefined));
    return working;
  };
  const renewEarly = async (): Promise<boolean> => {
    const old = tokens;
    if (old === undefined || !times.isDue(old)) return true;
    // Unless it turns out well: an authorization server in trouble is not asked for each call.
    times.failed();
    await load();
    // Another connection, or process, has done it.
    if (tokens !== undefined && tokens.accessToken !== old.accessToken) return true;
    // What it costs to ask where tokens come from is less than a call that is refused.
    const place = await discover(readChallenge(undefined));
    if (!isOf(place, old) || !(await renew(old, place))) return false;
    times.succeeded();
    return true;
  };

  return {
    async headers(request) {
      await (loading ??= load());
      await working?.catch(() => undefined);
      if (tokens !== undefined && times.isDue(tokens)) {
        // Whatever is wrong shows better when the server refuses the old ones.
        await alone(renewEarly).catch(() => undefined);
      }
      if (tokens === undefined) return {};
      const { accessToken, isDpop } = tokens;
      if (!isDpop) return { authorization: `Bearer ${accessToken}` };
      if (key === undefined) return {};
      const dpop = await key.prove({ ...request, accessToken, nonce, clock });
      return { authorization: `DPoP ${accessToken}`, dpop };
    },
    refused: (refusal) => refused(refusal).catch(noWayIn),
    accepted(shown, answer) {
      const given = answer.header('dpop-nonce');
      if (given !== undefined && isNonce(given)) nonce = given;
      const token = tokenIn(shown);
      if (token === unproven) unproven = undefined;
      if (token === renewed) renewed = undefined;
    },
  };

  async function refused(refusal: RefusedRequest): Promise<boolean> {
    const challenge = readChallenge(refusal.header('www-authenticate'));
    if (takeNonce(refusal) && challenge.error === 'use_dpop_nonce') return true;
    const shown = tokenIn(refusal.shown);
    if (working === undefined && shown !== tokens?.accessToken) return tokens !== undefined;
    const { status, operation } = refusal;
    return alone(() => (status === 401 ? getIn(challenge) : stepUp(challenge, operation)));
  }

  function takeNonce({ header }: RefusedRequest): boolean {
    const given = header('dpop-nonce');
    if (given === undefined || !isNonce(given) || given === nonce) return false;
    nonce = given;
    return key !== undefined;
  }
}

/** Whatever it was, it tells nothing of the server that refused: neither its era nor its path. */
function noWayIn(thrown: unknown): never {
  const error = McpError.from(thrown);
  const { kind, message } = error;
  const isPlain = ['unauthorized', 'connectionFailed', 'cancelled', 'timeout'].includes(kind);
  if (isPlain) throw error;
  const text = thrown instanceof McpError ? message : 'The way in failed';
  throw new McpError('unauthorized', text, { cause: thrown });
}

function isOf(place: Place, { issuer, resource }: StoredTokens): boolean {
  return issuer === place.issuer && resource === place.resource;
}

function tokenIn({ authorization = '' }: { readonly [name: string]: string }): string | undefined {
  return authorization === '' ? undefined : authorization.slice(authorization.indexOf(' ') + 1);
}

/** RFC 9449, section 8.1. */
function isNonce(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(text);
}

function withOffline(
  scopes: readonly string[],
  { metadata }: Place,
  wantsRefresh: boolean,
): readonly string[] {
  const { scopes_supported: known } = metadata;
  const isKnown = Array.isArray(known) && known.includes('offline_access');
  if (!wantsRefresh || !isKnown || scopes.includes('offline_access')) return scopes;
  return [...scopes, 'offline_access'];
}
