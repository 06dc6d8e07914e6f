import { expect, test } from 'vitest';
import { endLogin } from '../../../src/auth/stored-login.js';
import { memoryTokens, storeKeys } from '../../../src/auth/token-store.js';

const server = 'http://127.0.0.1:1/mcp';
// Nobody listens there, so that nothing is taken back.
const issuer = 'http://127.0.0.1:1';
const tokens = { accessToken: 'a', isDpop: false, scopes: [], issuer, resource: server };

test.each([
  ['that was registered for the tokens', { clientId: 'own' }, undefined],
  ['that was registered for a login which was not finished', { clientId: 'newer' }, undefined],
  ['by hand, of these tokens', { clientId: 'own', isByHand: true }, undefined],
  ['by hand, of others', { clientId: 'theirs', isByHand: true }, 'theirs'],
])('a logout and a client %s', async (_which, client, kept) => {
  const store = memoryTokens();
  const put = (key: string, entry: object): Promise<unknown> =>
    store.update(key, () => Promise.resolve({ ...entry }));
  await put(storeKeys.server(server), { issuer, resource: server });
  await put(storeKeys.tokens(issuer, server), { ...tokens, clientId: 'own' });
  await put(storeKeys.client(issuer), client);
  expect(await endLogin(store, server, { typedUrl: server })).toBe(false);
  expect((await store.get(storeKeys.client(issuer)))?.['clientId']).toBe(kept);
  expect(await store.get(storeKeys.tokens(issuer, server))).toBeUndefined();
});
