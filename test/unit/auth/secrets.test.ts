/** To whom a client tells who it is. */
import { expect, test } from 'vitest';
import {
  clientCredentials,
  enterprise,
  jwtBearer,
  type MachineOptions,
  memoryTokens,
  oauth,
} from '../../../src/auth/index.js';
import { isLoopbackHost } from '../../../src/platform/loopback.js';
import { cites } from '../../requirements.js';
import {
  accept,
  createWorld,
  issuer,
  metadataOf,
  openFor,
  published,
  redirectUrl,
  refuse,
} from './login-world.js';

const evil = 'https://evil.example';
const prm = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
const place = '/.well-known/oauth-authorization-server';
const privateKey = { pem: '', algorithm: 'ES256' };

test('a secret, a key or an assertion is of nobody whose issuer is not said', () => {
  for (const issuer of [undefined, 'no url']) {
    const base = { clientId: 'c', issuer } as MachineOptions;
    for (const make of [
      () => oauth({ ...base, redirectUrl, clientSecret: 's' }),
      () => oauth({ ...base, redirectUrl, privateKey }),
      () => clientCredentials({ ...base, clientSecret: 's' }),
      () => clientCredentials({ ...base, privateKey }),
      () => jwtBearer({ ...base, assertion: 'jwt' }),
      () =>
        enterprise({ ...base, idToken: 't', identityProvider: { issuer: evil, clientId: 'c' } }),
    ]) {
      expect(make).toThrow(TypeError);
      expect(make).toThrow('issuer');
    }
  }
});

cites('auth/credentials-by-issuer');
test('a secret and an assertion go to the named issuer alone', async () => {
  const world = createWorld();
  world.documents[prm] = { ...published, authorization_servers: [evil] };
  world.documents[`${evil}${place}`] = metadataOf(evil);
  const options = { issuer, clientId: 'c', fetch: world.fetch };
  for (const auth of [
    world.auth({ issuer, clientId: 'c', clientSecret: 's' }),
    clientCredentials({ ...options, clientSecret: 's' }),
    jwtBearer({ ...options, assertion: 'jwt' }),
  ]) {
    await expect(refuse(openFor(auth))).rejects.toThrow('takes no tokens of');
  }
  expect(world.asked.filter(({ url }) => url.startsWith(evil))).toEqual([]);
});

test('a client id alone belongs to the first issuer that gave out tokens for it', async () => {
  const world = createWorld();
  const store = memoryTokens();
  const auth = world.auth({ clientId: 'mine', store });
  const presenter = openFor(auth);
  await refuse(presenter);
  await accept(presenter);
  world.documents[prm] = { ...published, authorization_servers: [evil] };
  world.documents[`${evil}${place}`] = metadataOf(evil);
  for (const one of [presenter, openFor(world.auth({ clientId: 'mine', store }))]) {
    await expect(refuse(one)).rejects.toThrow(`takes no tokens of ${issuer}`);
  }
  expect(world.logins).toHaveLength(1);
  // Whoever says so himself may move.
  expect(await refuse(openFor(world.auth({ clientId: 'mine', store, issuer: evil })))).toBe(true);
});

test.each<[string, boolean]>([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.255.255', true],
  ['::1', true],
  ['[::1]', true],
  ['127.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['127.0.0.256', false],
  ['127.0.0.01', false],
  ['127.0.1', false],
  ['128.0.0.1', false],
  ['localhost.evil.example', false],
  ['evil.localhost', false],
])('%s is this machine: %s', (host, isHere) => expect(isLoopbackHost(host)).toBe(isHere));

test.each([
  ['http://127.0.0.1:8080/admin/delete', false, false],
  ['http://127.evil.example/authorize', true, false],
  ['http://127.0.0.1:8080/authorize', true, true],
])('a server elsewhere sends nobody to %s (asked for: %s)', async (page, isAllowed, isSent) => {
  const world = createWorld();
  world.documents[`${issuer}${place}`] = metadataOf(issuer, { authorization_endpoint: page });
  const sent = refuse(openFor(world.auth({ allowLoopbackHttp: isAllowed })));
  const refused = 'The address of the login is not https';
  expect(await sent.catch((thrown: unknown) => (thrown as Error).message)).toBe(
    isSent ? true : refused,
  );
});

test('an answer from another issuer does not use up the login', async () => {
  const world = createWorld();
  const auth = world.auth({ onLogin: () => undefined });
  const refused = await refuse(openFor(auth)).catch((thrown: unknown) => thrown);
  const { loginUrl } = (refused as { data: { loginUrl: string } }).data;
  const back = `${redirectUrl}?code=c&state=${new URL(loginUrl).searchParams.get('state')}`;
  await expect(auth.finish(`${back}&iss=${evil}`)).rejects.toThrow('another authorization server');
  await auth.finish(`${back}&iss=${issuer}`);
});
