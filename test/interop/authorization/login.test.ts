/** Logging in, step by step, with an authorization server that is no double. */
import { calculateJwkThumbprint, decodeJwt, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { memoryTokens, oauth, type LoginRequest } from '../../../src/auth/index.js';
import { storeKeys } from '../../../src/auth/token-store.js';
import { connect, type ConnectOptions } from '../../../src/client/index.js';
import { systemPlatform } from '../../../src/platform/platform.js';
import { manualClock } from '../../../src/testing/clock.js';
import { startGreeter } from './greeter.js';
import { logInAt, startOidc } from './oidc-server.js';

const redirectUrl = 'http://127.0.0.1:9/callback';

test.each(['modern', 'legacy'] as const)('a person logs in once (%s)', async (era) => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const store = memoryTokens();
  const logins: LoginRequest[] = [];
  const auth = oauth({
    redirectUrl,
    store,
    onLogin: (request) => {
      logins.push(request);
      return logInAt(request.url);
    },
  });
  const options: ConnectOptions = { auth, era };
  {
    await using client = await connect(greeter.url, options);
    expect(await client.callTool('greet')).toMatchObject({ content: [{ text: 'hello' }] });
  }
  await using again = await connect(greeter.url, options);
  await again.callTool('greet');

  expect(logins).toHaveLength(1);
  expect(logins[0]).toMatchObject({ server: greeter.url, issuer: oidc.issuer });
  expect(oidc.registrations()).toBe(1);
  const asked = new URL(logins[0]!.url).searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('resource')).toBe(greeter.url);
  expect(asked.get('scope')?.split(' ')).toContain('greet');
});

test.each(['modern', 'legacy', 'auto'] as const)('a person may take minutes (%s)', async (era) => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const clock = manualClock({ startMs: Date.now() });
  const onLogin = async ({ url }: LoginRequest): Promise<string> => {
    await clock.advance(5 * 60_000);
    return logInAt(url);
  };
  const auth = oauth({ redirectUrl, onLogin });
  const platform = { ...systemPlatform, clock };
  await using client = await connect(greeter.url, { auth, era, platform });
  expect(await client.callTool('greet')).toMatchObject({ content: [{ text: 'hello' }] });
});

test('a call that needs more asks for what was granted and what is missing', async () => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const scopes: (string | null)[] = [];
  const cookies = new Map<string, string>();
  const onLogin = ({ url }: LoginRequest): Promise<string> => {
    scopes.push(new URL(url).searchParams.get('scope'));
    return logInAt(url, cookies);
  };
  await using client = await connect(greeter.url, { auth: oauth({ redirectUrl, onLogin }) });
  expect(await client.callTool('greet')).toMatchObject({ content: [{ text: 'hello' }] });
  expect(await client.callTool('shout')).toMatchObject({ content: [{ text: 'HELLO' }] });
  expect(scopes.map((scope) => scope?.split(' ').toSorted())).toEqual([
    ['greet', 'offline_access'],
    ['greet', 'offline_access', 'shout'],
  ]);
});

test('tokens can be bound to a key of the client', async () => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const store = memoryTokens();
  const auth = oauth({ redirectUrl, store, dpop: true, onLogin: ({ url }) => logInAt(url) });
  // This server does not take them: what matters is how the authorization server was asked.
  await connect(greeter.url, { auth }).catch(() => undefined);
  expect(oidc.grants).toEqual(['authorization_code']);
  const kept = await store.get(storeKeys.tokens(oidc.issuer, greeter.url));
  const claims = decodeJwt(String(kept?.['accessToken']));
  expect(claims['cnf']).toEqual({ jkt: await calculateJwkThumbprint(kept!['dpopKey'] as JWK) });
});

test('without a way to log in, a call says that somebody has to', async () => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const refused = connect(greeter.url, { auth: oauth({ redirectUrl }) });
  await expect(refused).rejects.toMatchObject({ kind: 'unauthorized' });
  expect(oidc.registrations()).toBe(0);
});

test('a web server sends a person away, and takes the answer when it comes', async () => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const auth = oauth({ redirectUrl, onLogin: () => undefined });
  const refused = await connect(greeter.url, { auth }).catch((thrown: unknown) => thrown);
  const { loginUrl } = (refused as { data: { loginUrl: string } }).data;
  const cameBack = await logInAt(loginUrl);
  await auth.finish(cameBack);
  await expect(auth.finish(cameBack)).rejects.toMatchObject({ kind: 'unauthorized' });
  await using client = await connect(greeter.url, { auth });
  expect(await client.callTool('greet')).toMatchObject({ content: [{ text: 'hello' }] });
});
