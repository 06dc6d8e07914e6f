/** The example of the guide: TLS from end to end, a login at the command line, and a call. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, type HttpsExample, startHttpsExample } from './https-example.js';

const visitor = fileURLToPath(new URL('visitor.ts', import.meta.url));

let example: HttpsExample;
beforeAll(async () => {
  example = await startHttpsExample();
}, 30_000);
afterAll(() => example[Symbol.asyncDispose]());

const call = (more: readonly string[] = []): readonly string[] => [
  'call',
  example.url,
  'read',
  'documents:=["minutes.txt","letter.txt"]',
  ...more,
];

test('a login, a call with progress, and a logout', { timeout: 60_000 }, async () => {
  expect(example.url).toMatch(/^https:/);
  expect(example.issuer).toMatch(/^https:/);
  expect(await example.sallyport(call())).toMatchObject({ code: 3, stdout: '' });

  let visit: Promise<Ended> | undefined;
  const login = await example.sallyport(['login', example.url, '--no-browser'], {
    onStderr(text) {
      const page = /(https:\/\/\S+\/auth\?\S+)\n/.exec(text)?.[1];
      if (page !== undefined) visit ??= example.program(visitor, [page]);
    },
  });
  expect(login).toMatchObject({ code: 0 });
  expect(login.stdout).toBe(`Logged in to ${example.url} with ${example.issuer}.\n`);
  expect((await visit)?.stdout).toContain('You can close this page');

  const called = await example.sallyport(call(['--json']));
  expect(called).toMatchObject({ code: 0 });
  expect(called.stdout).toContain('Read minutes.txt and letter.txt');
  const events = called.stderr.trim().split('\n');
  expect(events.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { params: { progress: 1, total: 2, message: 'minutes.txt' } },
    { params: { progress: 2, total: 2, message: 'letter.txt' } },
  ]);

  expect((await example.sallyport(['logout', example.url])).code).toBe(0);
  expect((await example.sallyport(call())).code).toBe(3);
});

test('who does not know the certificate says nothing to the server', async () => {
  const stranger = await example.sallyport(call(['-H', 'Authorization: Bearer canary']), {
    trusts: false,
  });
  expect(stranger).toMatchObject({ code: 4, stdout: '' });
  expect(stranger.stderr).toContain('SELF_SIGNED_CERT');
  expect(stranger.stderr).not.toContain('canary');
});
