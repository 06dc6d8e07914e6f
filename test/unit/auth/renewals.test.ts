/** When tokens are renewed, and what happens when that does not help. */
import { expect, test } from 'vitest';
import { memoryTokens } from '../../../src/auth/index.js';
import { storeKeys } from '../../../src/auth/token-store.js';
import { systemPlatform } from '../../../src/platform/platform.js';
import { type ManualClock, manualClock } from '../../../src/testing/clock.js';
import type { Presenter } from '../../../src/credentials.js';
import {
  accept,
  createWorld,
  issuer,
  openFor,
  refuse,
  server,
  shownBy,
  type World,
} from './login-world.js';

const countOf = (world: World, end: string): number =>
  world.asked.filter(({ url, method }) => method === 'POST' && url.endsWith(end)).length;

/** Somebody who is logged in, with tokens that hold for `seconds`. */
async function loggedIn(
  seconds: number,
): Promise<{ world: World; clock: ManualClock; presenter: Presenter }> {
  const world = createWorld();
  world.tokens = { expires_in: seconds, refresh_token: 'r' };
  const clock = manualClock();
  const presenter = openFor(world.auth(), server, { ...systemPlatform, clock });
  await refuse(presenter);
  await accept(presenter);
  return { world, clock, presenter };
}

test.each([
  [0, 2],
  [2, 2],
  [8, 0],
])('tokens for %i seconds are not renewed for each call', async (seconds, most) => {
  const { world, clock, presenter } = await loggedIn(seconds);
  const before = countOf(world, '/token');
  for (let call = 0; call < 20; call++) {
    await clock.advance(100);
    await shownBy(presenter);
  }
  expect(countOf(world, '/token') - before).toBeLessThanOrEqual(most);
});

test('an authorization server in trouble is asked less and less', async () => {
  const { world, clock, presenter } = await loggedIn(60);
  world.tokens = { error: 'server_error' };
  await clock.advance(59_000);
  const before = world.asked.length;
  await shownBy(presenter);
  const once = world.asked.length - before;
  for (let call = 0; call < 10; call++) await shownBy(presenter);
  expect(world.asked.length - before).toBe(once);
  // 1, 2, 4, 8, 16 and 32 seconds after each other: seven times in the first minute.
  for (let second = 0; second < 63; second++) {
    await clock.advance(1000);
    await shownBy(presenter);
  }
  expect(world.asked.length - before).toBe(7 * once);
});

test('a token that was renewed and is refused all the same is got by a login', async () => {
  const { world, presenter } = await loggedIn(3600);
  const logins = world.logins.length;
  const tokens = countOf(world, '/token');
  expect(await refuse(presenter, 'Bearer error="invalid_token"')).toBe(true);
  expect(world.logins).toHaveLength(logins);
  expect(await refuse(presenter, 'Bearer error="invalid_token"')).toBe(true);
  expect(world.logins).toHaveLength(logins + 1);
  expect(await refuse(presenter, 'Bearer error="invalid_token"')).toBe(false);
  expect(countOf(world, '/token') - tokens).toBe(2);
});

test.each([false, true])(
  'a client that was forgotten registers again (asked for its name: %s)',
  async (isChallenged) => {
    const world = createWorld();
    const store = memoryTokens();
    world.tokens = { refresh_token: 'r' };
    let gone: string | undefined;
    const fetch: World['fetch'] = async (url, about) => {
      const id = new URLSearchParams(about.body).get('client_id');
      if (gone === undefined || id !== gone) return world.fetch(url, about);
      const headers: { [name: string]: string } = {};
      if (isChallenged) headers['www-authenticate'] = 'Basic realm="x"';
      return Response.json({ error: 'invalid_client' }, { status: 401, headers });
    };
    const auth = world.auth({ store, fetch });
    const presenter = openFor(auth);
    await refuse(presenter);
    await accept(presenter);
    gone = 'client-1';
    // With a renewal it shows before anybody logs in, without one in the login.
    expect(await refuse(presenter)).toBe(true);
    expect(world.logins).toHaveLength(2);
    expect(await store.get(storeKeys.client(issuer))).not.toMatchObject({ clientId: gone });
    gone = world.logins[1]!.get('client_id')!;
    await store.update(storeKeys.server(server), () => Promise.resolve(undefined));
    expect(await refuse(openFor(auth))).toBe(true);
    expect(world.logins.map((login) => login.get('client_id'))).toHaveLength(4);
    expect(countOf(world, '/register')).toBe(3);
  },
);

test('a client that was registered by hand is not forgotten', async () => {
  const world = createWorld();
  const store = memoryTokens();
  const kept = { clientId: 'mine', isByHand: true, redirectUrl: 'http://127.0.0.1:7777/callback' };
  await store.update(storeKeys.client(issuer), () => Promise.resolve(kept));
  world.tokens = { error: 'invalid_client' };
  await expect(refuse(openFor(world.auth({ store })))).rejects.toThrow('invalid_client');
  expect(await store.get(storeKeys.client(issuer))).toEqual(kept);
});

test('a token that is bound to a key is of no use without it', async () => {
  const world = createWorld();
  world.tokens = { token_type: 'DPoP' };
  await expect(refuse(openFor(world.auth()))).rejects.toThrow('no known key');

  world.tokens = { token_type: 'DPoP', refresh_token: 'r' };
  const store = memoryTokens();
  await refuse(openFor(world.auth({ store, dpop: true })));
  const key = storeKeys.tokens(issuer, server);
  expect(await shownBy(openFor(world.auth({ store })))).toMatch(/^DPoP /);
  const { dpopKey: _key, ...rest } = (await store.get(key))!;
  await store.update(key, () => Promise.resolve(rest));
  expect(await shownBy(openFor(world.auth({ store })))).toBeUndefined();
});
