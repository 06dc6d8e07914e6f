import { describe, expect, test } from 'vitest';
import { type GuardedFetchOptions, introspection } from '../../../src/auth/index.js';
import type { TokenContext } from '../../../src/authorization.js';

const issuer = 'https://login.example';
const resource = 'https://mcp.example/mcp';
const now = Date.UTC(2026, 6, 28);
const at = (ms: number): TokenContext => ({ resource, remoteAddress: undefined, now: now + ms });
const active = {
  active: true,
  sub: 'ann',
  aud: resource,
  iss: issuer,
  scope: 'a b',
  exp: now / 1000 + 300,
};

function open(answer: () => unknown = () => active) {
  const asked: GuardedFetchOptions[] = [];
  const { verify } = introspection({
    issuer,
    endpoint: `${issuer}/introspect`,
    clientId: 'files',
    clientSecret: 'secret of files',
    fetch(url, options) {
      expect(url).toBe(`${issuer}/introspect`);
      asked.push(options);
      const said = answer();
      return Promise.resolve(said instanceof Response ? said : Response.json(said));
    },
  });
  return { asked, verify };
}

test('a token is asked about, by somebody who says who they are', async () => {
  const { asked, verify } = open();
  expect(await verify('the-token', at(0))).toEqual({
    id: `${issuer}#ann`,
    audience: resource,
    expiresAt: now + 360_000,
    scopes: ['a', 'b'],
  });
  const [{ method, headers, body }] = asked as [GuardedFetchOptions];
  expect({ method, body }).toMatchObject({
    method: 'POST',
    body: expect.stringContaining('token=the-token'),
  });
  expect(body).toContain('token_type_hint=access_token');
  const authorization = headers?.['authorization'] ?? '';
  expect(Buffer.from(authorization.slice(6), 'base64').toString()).toBe('files:secret+of+files');
});

test('once a minute for all who show it, and at once when it is revoked after that', async () => {
  let said: object = active;
  const { asked, verify } = open(() => said);
  await Promise.all([verify('t', at(0)), verify('t', at(0)), verify('t', at(59_999))]);
  expect(asked).toHaveLength(1);
  said = { active: false };
  await expect(verify('t', at(60_000))).rejects.toMatchObject({ kind: 'unauthorized' });
  said = active;
  expect(await verify('t', at(60_001))).toBeDefined();
  await verify('other', at(60_001));
  expect(asked).toHaveLength(4);
});

describe('nobody comes in by a token', () => {
  test.each<[string, object]>([
    ['that is not active', { active: false }],
    ['for another server', { ...active, aud: 'https://other.example' }],
    ['for nobody', { ...active, aud: undefined }],
    ['of another issuer', { ...active, iss: 'https://evil.example' }],
    ['that is not good yet', { ...active, nbf: now / 1000 + 61 }],
    ['of nobody', { ...active, sub: undefined }],
    ['that ends in words', { ...active, exp: '2099' }],
    ['that ends at null', { ...active, exp: null }],
    ['that begins in words', { ...active, nbf: 'now' }],
    ['with scopes in a list', { ...active, scope: ['a', 'b'] }],
    ['that is a refresh token', { ...active, token_type: 'refresh_token' }],
    ['that is said to be used as one', { ...active, token_use: 'refresh_token' }],
    ['of a type that is none', { ...active, token_type: 1 }],
    ['that is bound to a key', { ...active, token_type: 'DPoP', cnf: { jkt: 'a' } }],
    ['that is bound, and called a bearer', { ...active, token_type: 'Bearer', cnf: {} }],
  ])('%s', async (_name, said) => {
    await expect(open(() => said).verify('t', at(0))).rejects.toMatchObject({
      kind: 'unauthorized',
    });
  });

  test.each<[string, () => unknown]>([
    ['that cannot be asked about', () => new Response('', { status: 500 })],
    ['of which nothing is said', () => ({})],
    ['of which no JSON is said', () => new Response('x')],
  ])('%s', async (_name, answer) => {
    const error: unknown = await Promise.resolve(open(answer).verify('t', at(0))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: 'unavailable' });
  });
});

test('a client that acts for itself, and one that does not say when it ends', async () => {
  const { sub: _, exp: __, ...said } = active;
  const { verify } = open(() => ({ ...said, client_id: 'job', aud: [resource, 'x'] }));
  expect(await verify('t', at(0))).toMatchObject({
    id: `${issuer}?job`,
    expiresAt: now + 60_000,
  });
});

test.each(['Bearer', 'bearer', 'access_token', undefined])('a token of type %s', async (type) => {
  const { verify } = open(() => ({ ...active, token_type: type }));
  expect(await verify('t', at(0))).toMatchObject({ scopes: ['a', 'b'] });
});
