/** What comes to the address that a browser is sent back to, from whomever. */
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForLogin, type LoginListener } from '../../../src/cli/login-listener.js';

let listener: LoginListener;
beforeEach(async () => {
  listener = await listenForLogin(0);
});
afterEach(() => listener.close());

const { signal } = new AbortController();
const wait = (state: string, ms = 60_000): Promise<string> =>
  listener.answer(state, { ms, signal });

interface Sent {
  readonly method?: string;
  readonly host?: string;
}

async function send(path: string, { method = 'GET', host }: Sent = {}): Promise<[number, string]> {
  const { port } = new URL(listener.redirectUrl);
  const headers = host === undefined ? {} : { host };
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  let page = '';
  for await (const chunk of response) page += chunk.toString();
  return [response.statusCode, /<title>([^<]*)/.exec(page)?.[1] ?? ''];
}

test('one login after the other, and several at once, each have their own answer', async () => {
  const first = wait('s1');
  await send('/callback?state=s1&code=1');
  expect(await first).toBe(`${listener.redirectUrl}?state=s1&code=1`);
  const [second, third] = [wait('s2'), wait('s3')];
  await send('/callback?state=s3&code=3');
  await send('/callback?state=s2&code=2');
  expect(await second).toContain('code=2');
  expect(await third).toContain('code=3');
});

test.each<[string, Sent, number]>([
  ['//', {}, 404],
  ['//[', {}, 404],
  ['http://[/callback', {}, 404],
  ['//callback?state=s', {}, 404],
  ['/x/../callback?state=s', {}, 404],
  ['/callback/?state=s', {}, 404],
  ['*', { method: 'OPTIONS' }, 404],
  ['/callback?state=s', { method: 'POST' }, 404],
  ['/callback?state=s', { method: 'HEAD' }, 404],
  ['/callback?state=s', { host: 'evil.example' }, 404],
  ['/callback?state=s', { host: 'localhost' }, 404],
  ['/callback', {}, 400],
  ['/callback?state=%', {}, 400],
  ['/callback?state=other', {}, 400],
])('%s with %j is turned away, and the login goes on waiting', async (path, how, status) => {
  const answer = wait('s');
  expect((await send(path, how))[0]).toBe(status);
  expect((await send('/callback?state=s&code=c'))[0]).toBe(200);
  expect(await answer).toContain('code=c');
});

test('each end has a page of its own, and only the first answer counts', async () => {
  const good = wait('s1');
  const [, done] = await send('/callback?state=s1&code=c');
  expect(await good).toContain('code=c');
  const bad = wait('s2');
  const [status, refused] = await send('/callback?state=s2&error=access_denied');
  expect(status).toBe(200);
  expect(await bad).toContain('access_denied');
  const [again, late] = await send('/callback?state=s1&code=evil');
  expect(again).toBe(410);
  expect(new Set([done, refused, late]).size).toBe(3);
});

test('whoever comes too late is told so', async () => {
  await expect(wait('s', 0)).rejects.toMatchObject({ kind: 'timeout' });
  expect((await send('/callback?state=s&code=c'))[0]).toBe(410);
  const controller = new AbortController();
  const cancelled = listener.answer('t', { ms: 60_000, signal: controller.signal });
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
  expect((await send('/callback?state=t&code=c'))[0]).toBe(410);
});
