import { describe, expect, test } from 'vitest';
import { defaultLimits as limits } from '../../../src/limits.js';
import { cites } from '../../requirements.js';
import {
  createWorld,
  issuer,
  metadataOf,
  openFor,
  published,
  redirectUrl,
  refuse,
  server,
  shownBy,
  type World,
} from './login-world.js';

const oauthPlace = `${issuer}/.well-known/oauth-authorization-server`;
const gets = (world: World): string[] =>
  world.asked.filter(({ method }) => method === 'GET').map(({ url }) => url);

describe('the metadata of a server', () => {
  const path = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
  const root = 'https://mcp.example/.well-known/oauth-protected-resource';

  cites('auth/resource-metadata', 'auth/challenge');
  test('is where the refusal says, else at its path, else at the root', async () => {
    const own = 'https://mcp.example/about.json';
    const world = createWorld();
    world.documents[own] = published;
    await refuse(openFor(world.auth()), `Bearer realm="x", resource_metadata="${own}"`);
    expect(gets(world)[0]).toBe(own);

    const second = createWorld();
    delete second.documents[path];
    second.documents[root] = published;
    await refuse(openFor(second.auth()), undefined);
    expect(gets(second).slice(0, 2)).toEqual([path, root]);
  });

  test.each([
    ['at another origin', 'Bearer resource_metadata="https://evil.example/x"', {}],
    ['of another server', 'Bearer', { resource: 'https://evil.example/mcp' }],
    ['of a sibling', 'Bearer', { resource: 'https://mcp.example/mc' }],
    ['of something below', 'Bearer', { resource: 'https://mcp.example/mcp/deeper' }],
    ['without authorization servers', 'Bearer', { authorization_servers: [] }],
    ['with an issuer that is none', 'Bearer', { authorization_servers: ['file:///x'] }],
    ['with an issuer that has a query', 'Bearer', { authorization_servers: [`${issuer}/?a`] }],
  ])('%s is refused', async (_name, challenge, more) => {
    const world = createWorld();
    world.documents[path] = { ...published, ...more };
    await expect(refuse(openFor(world.auth()), challenge)).rejects.toMatchObject({
      kind: 'unauthorized',
    });
    expect(world.logins).toEqual([]);
  });

  cites('auth/resource-metadata');
  test.each([500, 503, 429])('that cannot be had for now (%i) is not absent', async (status) => {
    const world = createWorld();
    const fetch: World['fetch'] = (url, about) =>
      url === path ? Promise.resolve(new Response('', { status })) : world.fetch(url, about);
    await expect(refuse(openFor(world.auth({ fetch })))).rejects.toThrow(`status ${status}`);
    expect(world.logins).toEqual([]);
  });

  test.each([404, 410, 401])('that is absent (%i) leaves what was before it', async (status) => {
    const world = createWorld();
    world.documents['https://mcp.example/.well-known/oauth-authorization-server'] =
      metadataOf('https://mcp.example');
    const fetch: World['fetch'] = (url, about) =>
      url.includes('oauth-protected-resource')
        ? Promise.resolve(new Response('', { status }))
        : world.fetch(url, about);
    expect(await refuse(openFor(world.auth({ fetch })))).toBe(true);
  });

  test('that the server named and does not have is not looked for elsewhere', async () => {
    const world = createWorld();
    const named = 'https://mcp.example/about.json';
    const refused = refuse(openFor(world.auth()), `Bearer resource_metadata="${named}"`);
    await expect(refused).rejects.toThrow('status 404');
    expect(gets(world)).toEqual([named]);
  });

  test('that is of an old server in trouble does not have its endpoints guessed', async () => {
    const world = createWorld();
    delete world.documents[path];
    const fetch: World['fetch'] = (url, about) =>
      url.includes('oauth-authorization-server')
        ? Promise.resolve(new Response('', { status: 503 }))
        : world.fetch(url, about);
    await expect(refuse(openFor(world.auth({ fetch })))).rejects.toThrow('for now');
  });

  test('may be that of what the server is part of', async () => {
    const world = createWorld();
    world.documents[path] = { ...published, resource: 'https://mcp.example/' };
    expect(await refuse(openFor(world.auth()))).toBe(true);
    expect(world.logins[0]?.get('resource')).toBe('https://mcp.example/');
  });
});

describe('the metadata of an authorization server', () => {
  cites('auth/server-metadata');
  test.each([
    ['https://login.example', ['oauth-authorization-server', 'openid-configuration']],
    [
      'https://login.example/a',
      ['oauth-authorization-server/a', 'openid-configuration/a', 'a/openid-configuration'],
    ],
  ])('of %s is looked for in the order of the specification', async (base, order) => {
    const world = createWorld();
    world.documents['https://mcp.example/.well-known/oauth-protected-resource/mcp'] = {
      ...published,
      authorization_servers: [base],
    };
    delete world.documents[oauthPlace];
    await expect(refuse(openFor(world.auth()))).rejects.toThrow('no metadata');
    const looked = gets(world).slice(1);
    expect(looked).toEqual(
      order.map((end) =>
        end.startsWith('a/')
          ? `${issuer}/a/.well-known/${end.slice(2)}`
          : `${issuer}/.well-known/${end}`,
      ),
    );
  });

  cites('auth/issuer-of-metadata');
  test.each([`${issuer}/`, 'https://LOGIN.example', 'https://evil.example', undefined])(
    'that names %s as its issuer is refused',
    async (other) => {
      const world = createWorld();
      const { issuer: _issuer, ...rest } = metadataOf(issuer);
      world.documents[oauthPlace] = other === undefined ? rest : { ...rest, issuer: other };
      await expect(refuse(openFor(world.auth()))).rejects.toThrow('another issuer');
      expect(world.logins).toEqual([]);
    },
  );

  test('with one of several that does not answer, the next will do', async () => {
    const world = createWorld();
    world.documents['https://mcp.example/.well-known/oauth-protected-resource/mcp'] = {
      ...published,
      authorization_servers: ['https://gone.example', issuer],
    };
    expect(await refuse(openFor(world.auth()))).toBe(true);
  });

  test.each([
    [limits.issuersMax - 1, true],
    [limits.issuersMax, false],
  ])('after %i that do not answer another is asked: %s', async (gone, isAsked) => {
    const world = createWorld();
    const others = Array.from({ length: gone }, (_, at) => `https://gone${at}.example`);
    world.documents['https://mcp.example/.well-known/oauth-protected-resource/mcp'] = {
      ...published,
      authorization_servers: [...others, issuer],
    };
    expect(await refuse(openFor(world.auth())).catch(() => false)).toBe(isAsked);
    expect(gets(world).includes(oauthPlace)).toBe(isAsked);
  });

  test('and all that is asked has 64 KiB and ten seconds for its answer', async () => {
    const world = createWorld();
    const bounds = new Set<string>();
    const fetch: World['fetch'] = (url, about) => {
      bounds.add(`${about.bytesMax} ${about.timeoutMs}`);
      return world.fetch(url, about);
    };
    expect(await refuse(openFor(world.auth({ fetch })))).toBe(true);
    expect([...bounds]).toEqual(['65536 10000']);
  });

  test('and the one that the user named is the only one', async () => {
    const world = createWorld();
    const auth = world.auth({ issuer: 'https://mine.example' });
    await expect(refuse(openFor(auth))).rejects.toThrow('takes no tokens of https://mine.example');
  });
});

describe('a login', () => {
  cites('auth/pkce');
  test.each([undefined, [], ['plain'], 'S256'])('is refused with PKCE %j', async (methods) => {
    const world = createWorld();
    const { code_challenge_methods_supported: _methods, ...rest } = metadataOf(issuer);
    world.documents[oauthPlace] =
      methods === undefined ? rest : { ...rest, code_challenge_methods_supported: methods };
    await expect(refuse(openFor(world.auth()))).rejects.toThrow('PKCE');
    expect(world.logins).toEqual([]);
  });

  cites('auth/https', 'auth/unsafe-urls');
  test.each([
    'http://login.example/authorize',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'vscode://x',
    'https://ada:secret@login.example/authorize',
    'https://login.example@evil.example/authorize',
    'no url',
  ])('is never at %s', async (endpoint) => {
    const world = createWorld();
    world.documents[oauthPlace] = metadataOf(issuer, { authorization_endpoint: endpoint });
    await expect(refuse(openFor(world.auth()))).rejects.toThrow('address of the login');
    expect(world.logins).toEqual([]);
  });

  test.each([
    'http://app.example/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://app.example/#x',
    'none',
  ])('never comes back to %s', (url) => {
    expect(() => createWorld().auth({ redirectUrl: url })).toThrow('redirectUrl');
  });

  cites('auth/resource', 'auth/bearer');
  test('names the server in both of its requests, and the token is shown to it', async () => {
    const world = createWorld();
    const presenter = openFor(world.auth());
    expect(await shownBy(presenter)).toBeUndefined();
    expect(await refuse(presenter)).toBe(true);
    const [login] = world.logins;
    expect(Object.fromEntries(login!)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: redirectUrl,
      resource: server,
    });
    const body = new URLSearchParams(world.asked.at(-1)?.body);
    expect(body.get('resource')).toBe(server);
    expect(body.get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/);
    expect(await shownBy(presenter)).toBe('Bearer token-2');
  });
});
