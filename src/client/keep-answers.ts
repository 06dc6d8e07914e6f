import { McpError } from '../errors.js';
import type { Exchange, Io, Middleware, Notification, Request, Result } from '../exchange.js';
import { isJsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { metaKeys } from '../protocol/meta.js';
import { isCacheable, methodRow } from '../protocol/methods.js';
import { type AnswerKey, createResponseCache, type ResponseCache } from './response-cache.js';

export interface KeepOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** A cache that other clients use too, and what tells this server from theirs. */
  readonly shared?: { readonly cache: ResponseCache; readonly scope: string } | undefined;
}

export interface KeptAnswers {
  readonly middleware: Middleware;
  /** Forgets all answers to `method`: they are known to be old. */
  forget(method: string): void;
}

/**
 * Keeps answers for as long as the server allows (2026-07-28 utilities/caching): `public` ones in
 * the shared cache if there is one, all others for this client alone, so that nobody with other
 * credentials sees them. Notices of changes, where the client listens, end that time at once.
 */
export function keepAnswers({ limits, clock, shared }: KeepOptions): KeptAnswers {
  const own = createResponseCache(limits);
  const places = [{ cache: own, scope: '' }, ...(shared === undefined ? [] : [shared])];

  const forget = (which: (key: AnswerKey) => boolean): void => {
    for (const { cache, scope } of places) {
      cache.drop((key) => key.scope === scope && which(key));
    }
  };
  const forgetMethod = (method: string): void => forget((key) => key.method === method);
  const find = (asked: Asked): Result | undefined => {
    for (const { cache, scope } of places) {
      const kept = cache.get({ scope, ...asked }, clock.now());
      if (kept !== undefined) return kept;
    }
    return undefined;
  };
  const keep = (asked: Asked, result: Result, since: readonly number[]): void => {
    const ttlMs = lifeOf(result);
    if (ttlMs === 0 || !isWhole(asked.method, result)) return;
    const at = result['cacheScope'] === 'public' ? places.length - 1 : 0;
    const { cache, scope } = places[at]!;
    const expiresAtMs = clock.now() + Math.min(ttlMs, limits.cacheTtlMsMax);
    cache.set({ scope, ...asked }, result, { expiresAtMs, since: since[at]! });
  };

  const answer = async (
    next: Exchange,
    request: Request,
    io: Io,
    asked: Asked,
  ): Promise<Result> => {
    const kept = find(asked);
    if (kept !== undefined) return kept;
    const since = places.map(({ cache }) => cache.drops);
    try {
      const result = await next(request, io);
      keep(asked, result, since);
      return result;
    } catch (thrown) {
      // A page that points nowhere any more is of a list that has changed (server/pagination).
      if (isBadCursor(thrown, asked)) forgetMethod(asked.method);
      throw thrown;
    }
  };

  const middleware: Middleware = (next) => (request, io) => {
    if (request.method === 'subscriptions/listen') {
      const watching = listening(io, (notice) => outdated(notice, forget));
      return next(request, watching);
    }
    const asked = isCacheable(request.method) ? askedIn(request) : undefined;
    return asked === undefined ? next(request, io) : answer(next, request, io, asked);
  };
  return { middleware, forget: forgetMethod };
}

type Asked = Omit<AnswerKey, 'scope'>;

// They say who asked and who wants to know, and change no answer.
const indifferent: ReadonlySet<string> = new Set([
  metaKeys.progressToken,
  metaKeys.traceparent,
  metaKeys.tracestate,
  metaKeys.baggage,
]);

/** What is asked; undefined when more is said than can be told apart, as answers of a round are. */
function askedIn({ method, params = {} }: Request): Asked | undefined {
  const name = method === 'resources/read' ? 'uri' : 'cursor';
  for (const [member, value] of Object.entries(params)) {
    if (member === name) continue;
    const isKnown = member === '_meta' && isJsonObject(value);
    if (!isKnown || !Object.keys(value).every((key) => indifferent.has(key))) return undefined;
  }
  const target = params[name];
  if (target !== undefined && typeof target !== 'string') return undefined;
  return { method, target };
}

function lifeOf({ ttlMs }: Result): number {
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0;
}

/** A question, or what is no answer at all, is not kept. */
function isWhole(method: string, result: Result): boolean {
  const { resultType = 'complete' } = result;
  if (resultType !== 'complete') return false;
  try {
    methodRow(method)?.checkResult(result);
    return true;
  } catch {
    return false;
  }
}

function isBadCursor(thrown: unknown, { method, target }: Asked): boolean {
  if (target === undefined || method === 'resources/read') return false;
  return thrown instanceof McpError && thrown.kind === 'invalidParams';
}

function listening(io: Io, onNotice: (notice: Notification) => void): Io {
  const { signal, peer } = io;
  return {
    signal,
    peer,
    emit(notice) {
      onNotice(notice);
      return io.emit(notice);
    },
  };
}

const kinds = [
  {
    member: 'toolsListChanged',
    notice: 'notifications/tools/list_changed',
    lists: ['tools/list'],
  },
  {
    member: 'promptsListChanged',
    notice: 'notifications/prompts/list_changed',
    lists: ['prompts/list'],
  },
  {
    member: 'resourcesListChanged',
    notice: 'notifications/resources/list_changed',
    lists: ['resources/list', 'resources/templates/list'],
  },
];

function outdated(
  { method, params = {} }: Notification,
  forget: (which: (key: AnswerKey) => boolean) => void,
): void {
  const kind = kinds.find(({ notice }) => notice === method);
  if (kind !== undefined) return forget((key) => kind.lists.includes(key.method));
  if (method === 'notifications/resources/updated') {
    const { uri } = params;
    if (typeof uri === 'string') forget((key) => isOf(key, uri));
  }
  if (method === 'notifications/subscriptions/acknowledged') {
    // Whatever changed while nobody listened was told to nobody.
    forget(missed(isJsonObject(params['notifications']) ? params['notifications'] : {}));
  }
}

function missed(filter: { readonly [member: string]: unknown }): (key: AnswerKey) => boolean {
  const lists = kinds.flatMap(({ member, lists: ofKind }) =>
    filter[member] === true ? ofKind : [],
  );
  const uris = filter['resourceSubscriptions'];
  const watched = Array.isArray(uris) ? (uris as readonly unknown[]) : [];
  return (key) =>
    lists.includes(key.method) || watched.some((uri) => typeof uri === 'string' && isOf(key, uri));
}

/** Whether an update of `uri` concerns the resource: it may name a part of one, or a whole. */
function isOf({ method, target }: AnswerKey, uri: string): boolean {
  if (method !== 'resources/read' || target === undefined) return false;
  return target === uri || uri.startsWith(`${target}/`) || target.startsWith(`${uri}/`);
}
