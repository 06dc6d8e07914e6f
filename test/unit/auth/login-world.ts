/** A server, its authorization servers and a person, as far as a client can tell. */
import { type LoginRequest, oauth, type OAuthOptions } from '../../../src/auth/index.js';
import type { GuardedFetch } from '../../../src/auth/guarded-fetch.js';
import type { Credentials, Presenter } from '../../../src/credentials.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { resolveLimits } from '../../../src/limits.js';
import { type Platform, systemPlatform } from '../../../src/platform/platform.js';

export const server = 'https://mcp.example/mcp';
export const redirectUrl = 'http://127.0.0.1:7777/callback';
export const issuer = 'https://login.example';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface World {
  /** What is published where; absent is 404. */
  readonly documents: { [url: string]: JsonObject };
  /** All that was asked for, in its order. */
  readonly asked: Asked[];
  /** What the person was sent to. */
  readonly logins: URLSearchParams[];
  /** What the browser brings back in place of the usual. */
  answer: (params: URLSearchParams) => { readonly [name: string]: string };
  /** Members of the answers of the token endpoints. */
  tokens: JsonObject;
  readonly fetch: GuardedFetch;
  auth(options?: Partial<OAuthOptions>): ReturnType<typeof oauth>;
}

export const published: JsonObject = { resource: server, authorization_servers: [issuer] };

export function metadataOf(base: string, more: JsonObject = {}): JsonObject {
  return {
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    registration_endpoint: `${base}/register`,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    ...more,
  };
}

export function createWorld(): World {
  const asked: Asked[] = [];
  const logins: URLSearchParams[] = [];
  let count = 0;
  const world: World = {
    asked,
    logins,
    documents: {
      'https://mcp.example/.well-known/oauth-protected-resource/mcp': published,
      [`${issuer}/.well-known/oauth-authorization-server`]: metadataOf(issuer),
    },
    answer: () => ({ code: 'a-code' }),
    tokens: {},
    fetch(url, { method = 'GET', body = '' }) {
      asked.push({ method, url, body });
      if (url.endsWith('/register')) {
        return Promise.resolve(Response.json({ client_id: `client-${++count}` }, { status: 201 }));
      }
      if (method === 'POST') {
        const said = { access_token: `token-${++count}`, token_type: 'Bearer', ...world.tokens };
        const status = 'error' in said ? 400 : 200;
        return Promise.resolve(Response.json(said, { status }));
      }
      const document = world.documents[url];
      const missing = new Response('', { status: 404 });
      return Promise.resolve(document === undefined ? missing : Response.json(document));
    },
    auth: (options = {}) =>
      oauth({ redirectUrl, fetch: world.fetch, onLogin: (request) => visit(request), ...options }),
  };
  const visit = ({ url }: LoginRequest): string => {
    const params = new URL(url).searchParams;
    logins.push(params);
    const back = { state: params.get('state') ?? '', ...world.answer(params) };
    return `${params.get('redirect_uri')}?${new URLSearchParams(back).toString()}`;
  };
  return world;
}

export function openFor(
  auth: Credentials,
  url: string = server,
  platform: Platform = systemPlatform,
): Presenter {
  return auth.openFor({
    url,
    limits: resolveLimits(),
    platform,
    signal: undefined,
    waiting: (work) => work(),
  });
}

/** Refuses a request that shows what the presenter has now; resolves with whether to try again. */
export async function refuse(
  presenter: Presenter,
  challenge: string | undefined = 'Bearer',
  { status = 401, url = server, operation }: RefusalOptions = {},
): Promise<boolean> {
  const request = { method: 'POST', url };
  const shown = await presenter.headers(request);
  const header = (name: string): string | undefined =>
    name === 'www-authenticate' ? challenge : undefined;
  const about = operation === undefined ? {} : { operation };
  return presenter.refused({ ...request, status, shown, header, ...about });
}

interface RefusalOptions {
  readonly status?: 401 | 403;
  readonly url?: string;
  readonly operation?: string;
}

export async function shownBy(presenter: Presenter): Promise<string | undefined> {
  return (await presenter.headers({ method: 'POST', url: server }))['authorization'];
}

/** The answer of a server that let the request in. */
export async function accept(presenter: Presenter): Promise<void> {
  const shown = await presenter.headers({ method: 'POST', url: server });
  presenter.accepted(shown, { header: () => undefined });
}
