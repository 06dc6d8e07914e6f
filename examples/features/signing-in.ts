/** Signing in: what a client does when a server wants to know who calls. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createServer, McpError, text } from 'sallyport';
import { clientCredentials, fileTokens, oauth } from 'sallyport/auth';
import { run } from './run.js';

/** Stands in for an authorization server, at which everybody is Ann. */
const login = createHttpServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
  const send = (status: number, value: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (pathname === '/register') return send(201, { client_id: 'somebody' });
  if (pathname === '/token')
    return send(200, { access_token: 'token-of-ann', token_type: 'Bearer' });
  if (pathname !== '/authorize') {
    return send(200, {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      code_challenge_methods_supported: ['S256'],
    });
  }
  const back = new URL(searchParams.get('redirect_uri') ?? issuer);
  back.searchParams.set('code', 'one-time');
  back.searchParams.set('state', searchParams.get('state') ?? '');
  response.writeHead(302, { location: back.href }).end();
});
await new Promise<void>((resolve) => login.listen(0, '127.0.0.1', resolve));
login.unref();
const issuer = `http://127.0.0.1:${(login.address() as AddressInfo).port}`;

const server = createServer({ name: 'mail', version: '1.0.0', scopes: [] });
server.tool('count', {}, () => '3 letters');

/** Stands in for a browser: nobody needs to type anything here. */
async function visit(page: string): Promise<string> {
  const response = await fetch(page, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

const folder = mkdtempSync(join(tmpdir(), 'signing-in-'));

// #region person
// For connect(url, { auth }).
const auth = oauth({
  redirectUrl: 'http://127.0.0.1:8123/callback',
  store: fileTokens(folder),
  // Show the page to the person; resolve with the address that the browser comes back to.
  onLogin: (request) => visit(request.url),
});
// #endregion

// #region program
const program = clientCredentials({ issuer, clientId: 'nightly', clientSecret: 'from a vault' });
// #endregion

// #region web
const web = oauth({ redirectUrl: 'https://app.example/callback', onLogin: () => undefined });

/** In a request that needs the server: undefined, or where to send the person first. */
async function loginNeeded(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof McpError) || error.kind !== 'unauthorized') throw error;
    return (error.data as { loginUrl?: string } | undefined)?.loginUrl;
  }
}

/** In the request that comes back from the login. */
const onCallback = (url: string): Promise<void> => web.finish(url);
// #endregion

await run({
  url: import.meta.url,
  server,
  http: {
    auth: {
      issuers: [issuer],
      verify: (_token, { resource }) => ({ id: 'ann', audience: resource, expiresAt: Infinity }),
    },
  },
  async check(connect, { over }) {
    const count = async (client: Client): Promise<void> => {
      assert.deepEqual((await client.callTool('count')).content, [text('3 letters')]);
    };
    if (over !== 'http') {
      await count(await connect());
      return 'who starts a process needs no login';
    }
    await count(await connect({ auth }));
    await count(await connect({ auth: program }));
    const loginUrl = await loginNeeded(connect({ auth: web }));
    await onCallback(await visit(loginUrl ?? ''));
    await count(await connect({ auth: web }));
    rmSync(folder, { recursive: true });
    return 'a person, a program and a web server get in, each in its way';
  },
});
