import { expect, test } from 'vitest';
import { readChallenge } from '../../../src/auth/read-challenge.js';

const none = { error: undefined, resourceMetadata: undefined, scopes: undefined };

test.each([
  [undefined, {}],
  ['', {}],
  ['Bearer', {}],
  ['Bearer error="invalid_token"', { error: 'invalid_token' }],
  ['bearer ERROR=x, Scope="a b"', { error: 'x', scopes: ['a', 'b'] }],
  [
    'Bearer scope = "a" , resource_metadata = "https://x/y,z"',
    { scopes: ['a'], resourceMetadata: 'https://x/y,z' },
  ],
  ['DPoP error="use_dpop_nonce", algs="ES256 PS256"', { error: 'use_dpop_nonce' }],
  ['Basic realm="a, Bearer scope=b"', {}],
  ['Basic realm="x", error="no", Bearer scope="a"', { scopes: ['a'] }],
  ['Negotiate abc==, Bearer scope="a"', { scopes: ['a'] }],
  ['Bearer scope="a", Bearer scope="b", error="e"', { scopes: ['a'] }],
  ['Bearer scope="a", scope="b"', { scopes: ['a'] }],
  ['Bearer realm="say \\"hi\\", scope=\\"x\\"", scope="a"', { scopes: ['a'] }],
  ['Bearer scope="never closed', { scopes: [] }],
  ['Bearer scope=""', { scopes: [] }],
])('%s', (header, found) => {
  expect(readChallenge(header)).toEqual({ ...none, ...found });
});

test('what is beyond all measure is not read', () => {
  const long = `Bearer realm="${'x'.repeat(20_000)}", scope="a"`;
  expect(readChallenge(long).scopes).toBeUndefined();
});
