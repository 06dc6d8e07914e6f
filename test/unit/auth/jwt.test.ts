/** How often an issuer is asked, and what becomes of its answers. */
import { describe, expect, test } from 'vitest';
import { type GuardedFetch, jwt, type JwtOptions, type Verify } from '../../../src/auth/index.js';
import { defaultLimits as limits } from '../../../src/limits.js';
import {
  byEvil,
  evil,
  issuer,
  jwkOf,
  make,
  nowSeconds,
  published,
  resource,
} from '../../hostile/tokens/forge.js';

const now = nowSeconds * 1000;
const at = (ms: number) => ({ resource, remoteAddress: undefined, now: now + ms });
const unknown = make({ header: { kid: 'new' }, sign: byEvil });

interface Issuer {
  readonly asked: string[];
  answer: (url: string) => Response | Promise<Response>;
  readonly fetch: GuardedFetch;
}

function openIssuer(answer: Issuer['answer'] = () => Response.json(published)): Issuer {
  const asked: string[] = [];
  const one: Issuer = {
    asked,
    answer,
    async fetch(url) {
      asked.push(url);
      return one.answer(url);
    },
  };
  return one;
}

const jwksUri = `${issuer}/keys`;
const verifier = ({ fetch }: Issuer, more: Partial<JwtOptions> = {}) =>
  jwt({ issuer, jwksUri, fetch, ...more }).verify;

describe('the keys of an issuer', () => {
  test('are fetched once for all who wait, and again after ten minutes', async () => {
    const one = openIssuer();
    const verify = verifier(one);
    await Promise.all(Array.from({ length: 50 }, async () => verify(make(), at(0))));
    await verify(make(), at(599_999 - 300_000));
    expect(one.asked).toHaveLength(1);
    const later = make({ claims: { exp: nowSeconds + 3600 } });
    await verify(later, at(599_999));
    expect(one.asked).toHaveLength(1);
    await verify(later, at(600_000));
    expect(one.asked).toHaveLength(2);
  });

  test('are looked for once a minute when a token names one that is not known', async () => {
    const one = openIssuer();
    const verify = verifier(one);
    const long = { exp: nowSeconds + 3600 };
    await verify(make({ claims: long }), at(0));
    for (let ms = 1000; ms <= 120_000; ms += 1000) {
      await expect(verify(unknown, at(ms))).rejects.toMatchObject({ kind: 'unauthorized' });
    }
    expect(one.asked).toHaveLength(3);
    one.answer = () => Response.json({ keys: [jwkOf(evil.publicKey, { kid: 'new' })] });
    expect(await verify(unknown, at(180_000))).toMatchObject({ id: `${issuer}#ann` });
  });

  test('are each tried when a token names none of them', async () => {
    const unnamed = { keys: [jwkOf(evil.publicKey, {}), ...published.keys.slice(0, 2)] };
    const one = openIssuer(() => Response.json(unnamed));
    const verify = verifier(one);
    const header = { kid: undefined };
    for (const sign of [byEvil, undefined]) {
      const token = make({ header, ...(sign === undefined ? {} : { sign }) });
      expect(await verify(token, at(0))).toMatchObject({ id: `${issuer}#ann` });
    }
    expect(await verify(make({ alg: 'ES256', header }), at(0))).toBeDefined();
    expect(one.asked).toHaveLength(1);
  });

  test.each([
    [limits.unnamedKeysMax - 1, 'taken'],
    [limits.unnamedKeysMax, 'None of the keys of its issuer fits'],
  ])('are not all tried: after %i others its own, %s', async (others, outcome) => {
    const other = jwkOf(evil.publicKey, {});
    const keys = [...Array.from({ length: others }, () => other), published.keys[0]!];
    const verify = verifier(openIssuer(() => Response.json({ keys })));
    expect(await outcomeOf(verify(make({ header: { kid: undefined } }), at(0)))).toBe(outcome);
  });

  test('are looked for, too, when one was replaced under its old name', async () => {
    const one = openIssuer();
    const verify = verifier(one);
    await verify(make(), at(0));
    const token = make({ sign: byEvil });
    one.answer = () => Response.json({ keys: [jwkOf(evil.publicKey, { kid: 'rsa' })] });
    await expect(verify(token, at(59_999))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(one.asked).toHaveLength(1);
    expect(await verify(token, at(60_000))).toBeDefined();
    await expect(verify(make(), at(60_001))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(one.asked).toHaveLength(2);
  });

  test('are used for an hour longer while the issuer does not answer', async () => {
    const one = openIssuer();
    const verify = verifier(one);
    const token = make({ claims: { exp: nowSeconds + 100_000 } });
    await verify(token, at(0));
    one.answer = () => Promise.reject(new Error('down'));
    const end = 70 * 60_000;
    for (const ms of [600_000, 600_001, end - 1]) expect(await verify(token, at(ms))).toBeDefined();
    expect(one.asked).toHaveLength(3);
    await expect(verify(token, at(end))).rejects.toMatchObject({ kind: 'unavailable' });
    one.answer = () => Response.json(published);
    expect(await verify(token, at(end + 5000))).toBeDefined();
  });

  test.each<[string, Issuer['answer']]>([
    ['fails', () => new Response('', { status: 500 })],
    ['says something else', () => Response.json({ keys: 'none' })],
    ['says nothing', () => new Response('')],
    ['cannot be reached', () => Promise.reject(new Error('down'))],
  ])('when it %s nobody comes in, nor is told that a token is bad', async (_name, answer) => {
    const one = openIssuer(answer);
    const verify = verifier(one);
    for (const ms of [0, 1, 4999]) {
      await expect(verify(make(), at(ms))).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(one.asked).toHaveLength(1);
    one.answer = () => Response.json(published);
    expect(await verify(make(), at(5000))).toBeDefined();
  });
});

test.each([
  ['a kid at its bound', { header: { kid: 'k'.repeat(limits.kidLengthMax) } }, 'of its issuer'],
  ['a longer kid', { header: { kid: 'k'.repeat(limits.kidLengthMax + 1) } }, 'no short string'],
  // The claims are the first level.
  ['a claim at the depth', { claims: { deep: nested(limits.messageDepthMax - 1) } }, 'taken'],
  ['a deeper claim', { claims: { deep: nested(limits.messageDepthMax) } }, 'nested too deeply'],
])('a token with %s', async (_name, draft, outcome) => {
  expect(await outcomeOf(verifier(openIssuer())(make(draft), at(0)))).toContain(outcome);
});

/** Why it was refused, as the log has it. */
function outcomeOf(verified: ReturnType<Verify>): Promise<string> {
  return Promise.resolve(verified).then(
    () => 'taken',
    (thrown: unknown) => String((thrown as Error).cause),
  );
}

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
}

describe('the metadata of an issuer', () => {
  const places = [
    `${issuer}/.well-known/oauth-authorization-server/tenant`,
    `${issuer}/.well-known/openid-configuration/tenant`,
    `${issuer}/tenant/.well-known/openid-configuration`,
  ];
  const tenant = `${issuer}/tenant`;
  const token = make({ claims: { iss: tenant } });
  const found = (metadata: object, place: string) => (url: string) => {
    if (url === jwksUri) return Response.json(published);
    return url === place ? Response.json(metadata) : new Response('', { status: 404 });
  };

  test.each(places)('is found at %s', async (place) => {
    const one = openIssuer(found({ issuer: tenant, jwks_uri: jwksUri }, place));
    const { verify } = jwt({ issuer: tenant, fetch: one.fetch });
    expect(await verify(token, at(0))).toMatchObject({ id: `${tenant}#ann` });
    expect(one.asked).toEqual([...places.slice(0, places.indexOf(place) + 1), jwksUri]);
  });

  test.each([
    ['of another issuer', { issuer, jwks_uri: jwksUri }],
    ['of nobody', { jwks_uri: jwksUri }],
    ['without keys', { issuer: tenant }],
  ])('%s is not believed', async (_name, metadata) => {
    const one = openIssuer(found(metadata, places[0]!));
    const { verify } = jwt({ issuer: tenant, fetch: one.fetch });
    await expect(verify(token, at(0))).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

test('an audience of another name, scopes in a list, fewer algorithms', async () => {
  const one = openIssuer();
  const verify = verifier(one, { audience: 'api://files', algorithms: ['ES256'] });
  const claims = { aud: 'api://files', scope: undefined, scp: ['a', 'b', 1] };
  expect(await verify(make({ alg: 'ES256', claims }), at(0))).toEqual({
    id: `${issuer}#ann`,
    audience: resource,
    expiresAt: (nowSeconds + 300 + 60) * 1000,
    scopes: ['a', 'b'],
  });
  await expect(verify(make({ claims }), at(0))).rejects.toMatchObject({ kind: 'unauthorized' });
  await expect(verify(make({ alg: 'ES256' }), at(0))).rejects.toMatchObject({
    kind: 'unauthorized',
  });
  expect(() => jwt({ issuer, algorithms: ['HS256' as 'RS256'] })).toThrow(/algorithms/);
});

test('why a token was refused is for the log, without its claims', async () => {
  const token = make({ claims: { aud: 'x', email: 'ann@example.org' } });
  const error: unknown = await Promise.resolve(verifier(openIssuer())(token, at(0))).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ cause: expect.stringContaining('aud') });
  expect(JSON.stringify(error)).not.toContain('ann@example.org');
});
