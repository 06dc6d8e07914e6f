import { expect, test } from 'vitest';
import { createScrubber, isSecretName } from '../../../../src/transports/stdio/secrets.js';

const env = {
  GITHUB_TOKEN: 'ghp_0123456789',
  LONG_SECRET: 'ghp_0123456789-and-more',
  DB_PASSWORD: 'two words "quoted"',
  SHORT_KEY: 'true',
  PRIVATE_PEM: '-----BEGIN-----\nMIIBOwIBAAJB\n-----END-----',
  HOME: 'not-a-secret-at-all',
};
const { scrub, scrubHead } = createScrubber(env);

test.each([
  ['using ghp_0123456789.', 'using [secret].'],
  ['ghp_0123456789-and-more', '[secret]'],
  ['{"p":"two words \\"quoted\\""}', '{"p":"[secret]"}'],
  ['?p=two%20words%20%22quoted%22&x', '?p=[secret]&x'],
  ['line MIIBOwIBAAJB of a key', 'line [secret] of a key'],
  ['it is true, not-a-secret-at-all', 'it is true, not-a-secret-at-all'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer [secret]'],
  ['{"authorization":"Basic dXNlcg=="}', '{"authorization":"Basic [secret]"}'],
  ['x-api-key=abcdef', 'x-api-key=[secret]'],
  ['sent bearer eyJhbGciOi1', 'sent bearer [secret]'],
  ['bearer authentication is wanted', 'bearer authentication is wanted'],
  ['postgres://me:pa55word@db/x', 'postgres://me:[secret]@db/x'],
  ['http://localhost:3000/a@b', 'http://localhost:3000/a@b'],
])('%j is shown as %j', (text, shown) => expect(scrub(text)).toBe(shown));

test('of a text that goes on, the part in which a secret may begin is not shown', () => {
  const before = 'x'.repeat(1000);
  for (let length = 1; length < env.LONG_SECRET.length; length++) {
    expect(scrubHead(before + env.LONG_SECRET.slice(0, length))).toMatch(/^x+$/);
  }
});

test.each([
  'API_KEY',
  'apikey',
  'NPM_TOKEN',
  'PGPASSWORD',
  'GH_PAT',
  'MY_PWD',
  'AWS_SECRET_X',
  'openaiKey',
  'AZURE_STORAGE_CONNECTION_STRING',
  'SLACK_WEBHOOK_URL',
  'SESSION',
  'URL_SIGNATURE',
  'MY_JWT',
  'PGPASS',
])('the name %s promises a secret', (name) => expect(isSecretName(name)).toBe(true));

test.each(['PATH', 'HOME', 'KEYBOARD', 'MONKEY', 'GIT_AUTHOR_NAME', 'LANG'])(
  'the name %s does not',
  (name) => expect(isSecretName(name)).toBe(false),
);

test('hostile texts take linear time', () => {
  const took = (text: string): number => {
    const start = performance.now();
    scrub(text);
    return performance.now() - start;
  };
  for (const bit of ['authorization ', 'bearer ', '//', '//a:', 'password= ', '////:b']) {
    const small = Math.min(...[1, 2, 3].map(() => took(bit.repeat(2_000))));
    const large = Math.min(...[1, 2, 3].map(() => took(bit.repeat(20_000))));
    expect(large).toBeLessThan(60 * small + 20);
  }
});
