/** A real authorization server, `oidc-provider`, with one person who can log in to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string;
  /** What its token endpoint was asked for so far, by grant. */
  readonly grants: string[];
  /** Registrations so far. */
  readonly registrations: () => number;
}

export interface OidcOptions {
  /** How long access tokens live, in seconds. */
  readonly accessTokenSeconds?: number;
  readonly dpop?: boolean;
}

interface Context {
  readonly path: string;
  readonly oidc?: { readonly params?: { readonly grant_type?: string } };
}

export async function startOidc(options: OidcOptions = {}): Promise<OidcServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const quiet = console.warn;
  console.warn = () => undefined;
  const provider = new Provider(issuer, configuration(options));
  console.warn = quiet;
  const grants: string[] = [];
  let registrations = 0;
  provider.use(async (context: Context, next: () => Promise<void>) => {
    await next();
    if (context.path === '/token') grants.push(context.oidc?.params?.grant_type ?? '');
    if (context.path === '/reg') registrations++;
  });
  server.on('request', provider.callback());
  return {
    issuer,
    grants,
    registrations: () => registrations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration({ accessTokenSeconds = 600 }: OidcOptions): object {
  const resourceServer = (_context: unknown, resource: string): object => ({
    scope: 'greet shout',
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: accessTokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  });
  return {
    features: {
      registration: { enabled: true },
      revocation: { enabled: true },
      dPoP: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: resourceServer,
        useGrantedResource: () => true,
      },
    },
    // Whoever shows a used refresh token loses the whole grant: two refreshes at once are fatal.
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    scopes: ['openid', 'offline_access', 'greet', 'shout'],
  };
}

/** Goes through the pages of a login as a person with a browser would. */
export async function logInAt(url: string, cookies = new Map<string, string>()): Promise<string> {
  let at = url;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step++) {
    const response = await fetch(at, {
      redirect: 'manual',
      ...(form === undefined ? {} : { method: 'POST', body: form }),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    form = undefined;
    if (location !== null) {
      const next = new URL(location, at);
      if (next.origin !== new URL(url).origin) return next.href;
      at = next.href;
      continue;
    }
    const page = await response.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    if (action === undefined)
      throw new Error(`No form (${response.status}): ${page.slice(0, 400)}`);
    at = new URL(action, at).href;
    const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
    form = new URLSearchParams({ prompt, login: 'ada', password: 'any' });
  }
  throw new Error('The login never ends');
}
