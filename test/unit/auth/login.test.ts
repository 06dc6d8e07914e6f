import { describe, expect, test } from 'vitest';
import { memoryTokens } from '../../../src/auth/index.js';
import { storeKeys } from '../../../src/auth/token-store.js';
import { defaultLimits } from '../../../src/limits.js';
import { systemPlatform } from '../../../src/platform/platform.js';
import { manualClock } from '../../../src/testing/clock.js';
import { cites } from '../../requirements.js';
import {
  accept,
  createWorld,
  issuer,
  metadataOf,
  openFor,
  published,
  refuse,
  server,
  shownBy,
  type World,
} from './login-world.js';

const place = `${issuer}/.well-known/oauth-authorization-server`;
const prm = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
const posts = (world: World, end: string): string[] =>
  world.asked
    .filter(({ url, method }) => method === 'POST' && url.endsWith(end))
    .map(({ body }) => body);
const grantOf = (body: string): string | null => new URLSearchParams(body).get('grant_type');

describe('who answers a login', () => {
  cites('auth/iss', 'auth/state');
  test.each<[string, boolean, { readonly [name: string]: string }]>([
    ['another issuer', false, { code: 'c', iss: 'https://evil.example' }],
    ['nearly the issuer', false, { code: 'c', iss: `${issuer}/` }],
    ['the issuer in capitals', false, { code: 'c', iss: 'https://LOGIN.example' }],
    ['an empty issuer', false, { code: 'c', iss: '' }],
    ['nobody, where it was promised', true, { code: 'c' }],
    ['another issuer, with an error', false, { error: 'SECRET-HINT', iss: 'https://evil.example' }],
    ['with another state', false, { code: 'c', state: 'other' }],
    ['without a code', false, {}],
  ])('is checked: %s', async (_name, promised, answer) => {
    const world = createWorld();
    const flag = 'authorization_response_iss_parameter_supported';
    world.documents[place] = metadataOf(issuer, { [flag]: promised });
    world.answer = () => answer;
    const refused = refuse(openFor(world.auth()));
    await expect(refused).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(refused).rejects.not.toThrow('SECRET-HINT');
    expect(posts(world, '/token')).toEqual([]);
  });

  test.each([true, false])('may say who it is (promised: %s)', async (promised) => {
    const world = createWorld();
    const flag = 'authorization_response_iss_parameter_supported';
    world.documents[place] = metadataOf(issuer, { [flag]: promised });
    world.answer = () => ({ code: 'c', iss: issuer });
    expect(await refuse(openFor(world.auth()))).toBe(true);
  });

  test('is told by its error when it is the right one', async () => {
    const world = createWorld();
    world.answer = () => ({ error: 'access_denied', error_description: 'x'.repeat(10_000) });
    await expect(refuse(openFor(world.auth()))).rejects.toThrow(
      /^The login did not succeed: access_denied$/,
    );
  });
});

describe('a client', () => {
  const document = 'https://app.example/client.json';

  cites('auth/registration');
  test('is who it was told to be, else its document, else registered', async () => {
    const withDocuments = metadataOf(issuer, { client_id_metadata_document_supported: true });
    for (const [metadata, options, id] of [
      [withDocuments, { clientId: 'known', clientMetadataUrl: document }, 'known'],
      [withDocuments, { clientMetadataUrl: document }, document],
      [metadataOf(issuer), { clientMetadataUrl: document }, 'client-1'],
    ] as const) {
      const world = createWorld();
      world.documents[place] = metadata;
      await refuse(openFor(world.auth(options)));
      expect(world.logins[0]?.get('client_id')).toBe(id);
      expect(posts(world, '/register')).toHaveLength(id === 'client-1' ? 1 : 0);
    }
    const world = createWorld();
    const { registration_endpoint: _none, ...rest } = metadataOf(issuer);
    world.documents[place] = rest;
    await expect(refuse(openFor(world.auth()))).rejects.toThrow('give a clientId');
  });

  cites('auth/application-type');
  test.each([
    ['http://127.0.0.1:7777/callback', 'native'],
    ['com.example.app:/callback', 'native'],
    ['https://app.example/callback', 'web'],
  ])('that comes back to %s registers as %s', async (redirectUrl, type) => {
    const world = createWorld();
    await refuse(openFor(world.auth({ redirectUrl })));
    expect(JSON.parse(posts(world, '/register')[0]!)).toMatchObject({
      application_type: type,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
    });
  });

  cites('auth/credentials-by-issuer');
  test('is somebody else to each issuer, and shows the one nothing of the other', async () => {
    const world = createWorld();
    const other = 'https://new.example';
    world.tokens = { refresh_token: 'first-refresh' };
    const presenter = openFor(world.auth());
    await refuse(presenter);
    await accept(presenter);
    world.documents[prm] = { ...published, authorization_servers: [other] };
    world.documents[`${other}/.well-known/oauth-authorization-server`] = metadataOf(other);
    expect(await refuse(presenter)).toBe(true);
    const [first, second] = world.logins.map((login) => login.get('client_id'));
    expect(first).not.toBe(second);
    const toOther = world.asked.filter(({ url }) => url.startsWith(other));
    expect(toOther.map(({ body }) => body).join('\n')).not.toMatch(
      new RegExp(`first-refresh|${first}\\b|token-2`),
    );
  });
});

describe('scopes', () => {
  cites('auth/scopes');
  test.each([
    ['Bearer scope="a b"', ['c'], 'a b'],
    ['Bearer', ['c', 'd'], 'c d'],
    ['Bearer', undefined, null],
  ])('of the challenge %s and the metadata %j', async (challenge, supported, wanted) => {
    const world = createWorld();
    if (supported !== undefined)
      world.documents[prm] = { ...published, scopes_supported: supported };
    await refuse(openFor(world.auth()), challenge);
    expect(world.logins[0]?.get('scope')).toBe(wanted);
  });

  cites('auth/step-up');
  test('are added to those there are, once; a server that wants the same again gets no more', async () => {
    const world = createWorld();
    const presenter = openFor(world.auth());
    await refuse(presenter, 'Bearer scope="read"');
    await accept(presenter);
    const more = 'Bearer error="insufficient_scope", scope="write"';
    expect(await refuse(presenter, more, { status: 403 })).toBe(true);
    expect(world.logins[1]?.get('scope')).toBe('read write');
    expect(await refuse(presenter, more, { status: 403 })).toBe(false);
    expect(await refuse(presenter, 'Bearer', { status: 403 })).toBe(false);
    expect(world.logins).toHaveLength(2);
  });
});

test('what was granted to an earlier process is not lost by a step up', async () => {
  const world = createWorld();
  const store = memoryTokens();
  await refuse(openFor(world.auth({ store })), 'Bearer scope="read"');
  const more = 'Bearer error="insufficient_scope", scope="write"';
  await refuse(openFor(world.auth({ store })), more, { status: 403 });
  expect(world.logins[1]?.get('scope')).toBe('read write');
});

describe('tokens', () => {
  cites('auth/refresh');
  test('are renewed before they end, and the new refresh token takes the place of the old', async () => {
    const world = createWorld();
    world.tokens = { expires_in: 5, refresh_token: 'one' };
    const clock = manualClock();
    const presenter = openFor(world.auth(), server, { ...systemPlatform, clock });
    await refuse(presenter);
    world.tokens = { expires_in: 5, refresh_token: 'two' };
    for (let renewal = 0; renewal < 2; renewal++) {
      await clock.advance(4000);
      await shownBy(presenter);
    }
    const renewals = posts(world, '/token').filter((body) => grantOf(body) === 'refresh_token');
    const shown = renewals.map((body) => new URLSearchParams(body).get('refresh_token'));
    expect(shown).toEqual(['one', 'two']);
    expect(new URLSearchParams(renewals[0]).get('resource')).toBe(server);
    expect(world.logins).toHaveLength(1);
  });

  test('that cannot be renewed any more are got by a login', async () => {
    const world = createWorld();
    world.tokens = { refresh_token: 'used' };
    const presenter = openFor(world.auth());
    await refuse(presenter);
    await accept(presenter);
    const { fetch } = world;
    const auth = world.auth({
      store: await copyOf(world),
      fetch: (url, about) =>
        about.body?.includes('refresh_token=used') === true
          ? Promise.resolve(Response.json({ error: 'invalid_grant' }, { status: 400 }))
          : fetch(url, about),
    });
    expect(await refuse(openFor(auth))).toBe(true);
    expect(world.logins.length).toBeGreaterThanOrEqual(2);
  });

  test('of many calls that are refused at once come from one login', async () => {
    const world = createWorld();
    const presenter = openFor(world.auth());
    const all = await Promise.all(Array.from({ length: 8 }, () => refuse(presenter)));
    expect(all).toEqual(Array(8).fill(true));
    expect(world.logins).toHaveLength(1);
  });

  test('of a server that refuses even the newest do not have a person log in for ever', async () => {
    const world = createWorld();
    const presenter = openFor(world.auth());
    expect(await refuse(presenter)).toBe(true);
    expect(await refuse(presenter)).toBe(false);
    expect(world.logins).toHaveLength(1);
  });

  test.each(['a b', 'a\r\nx: y', 'ä'])(
    'that no header can carry are refused: %j',
    async (token) => {
      const world = createWorld();
      world.tokens = { access_token: token };
      await expect(refuse(openFor(world.auth()))).rejects.toThrow('a token that is none');
    },
  );

  test('never get into an error', async () => {
    const world = createWorld();
    world.tokens = { error: 'invalid_grant', error_description: 'code=a-code SECRET' };
    const thrown = await refuse(openFor(world.auth())).catch((one: unknown) => one as Error);
    expect(String(thrown)).not.toMatch(/SECRET|a-code/);
    expect(JSON.stringify(thrown)).not.toMatch(/SECRET|a-code/);
  });
});

describe('a login whose answer comes later', () => {
  const start = async (agoMs: number): Promise<() => Promise<void>> => {
    const world = createWorld();
    const store = memoryTokens();
    const auth = world.auth({ store, onLogin: () => undefined });
    const refused = await refuse(openFor(auth)).catch((thrown: unknown) => thrown);
    const { loginUrl } = (refused as { data: { loginUrl: string } }).data;
    const state = new URL(loginUrl).searchParams.get('state')!;
    const startedAt = Date.now() - agoMs;
    await store.update(storeKeys.login(state), (now) => Promise.resolve({ ...now!, startedAt }));
    return () => auth.finish(`http://127.0.0.1:7777/callback?code=c&state=${state}`);
  };
  const { loginMs } = defaultLimits;

  test('is taken as long as a person may need, and once', async () => {
    const finish = await start(loginMs - 10_000);
    await finish();
    await expect(finish()).rejects.toThrow('answered before');
  });

  test('goes by the time of the connections of its client', async () => {
    const world = createWorld();
    const clock = manualClock();
    const auth = world.auth({ onLogin: () => undefined });
    const opened = openFor(auth, server, { ...systemPlatform, clock });
    const refused = await refuse(opened).catch((thrown: unknown) => thrown);
    const { loginUrl } = (refused as { data: { loginUrl: string } }).data;
    const state = new URL(loginUrl).searchParams.get('state')!;
    await clock.advance(loginMs - 1000);
    const finished = auth.finish(`http://127.0.0.1:7777/callback?code=c&state=${state}`);
    await expect(finished).resolves.toBeUndefined();
  });

  test('is not taken after that', async () => {
    const finish = await start(loginMs + 1);
    await expect(finish()).rejects.toThrow('took too long');
  });

  test('is not taken for a state that nobody was sent with', async () => {
    const auth = createWorld().auth();
    for (const end of ['?code=c', '?code=c&state=x', `?code=c&state=${encodeURIComponent('"]')}`]) {
      const finished = auth.finish(`http://127.0.0.1:7777/callback${end}`);
      await expect(finished).rejects.toMatchObject({ kind: 'unauthorized' });
    }
  });
});

/** What a client kept, with tokens that another process may have used up since. */
async function copyOf(world: World): Promise<ReturnType<typeof memoryTokens>> {
  const store = memoryTokens();
  const presenter = openFor(world.auth({ store }));
  await refuse(presenter);
  expect(await store.get(storeKeys.tokens(issuer, server))).toMatchObject({ refreshToken: 'used' });
  return store;
}
