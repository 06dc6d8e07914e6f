import { expect, test } from 'vitest';
import { connect, type ConnectOptions } from '../../../src/connect.js';
import { createResponseCache } from '../../../src/client/response-cache.js';
import { defaultLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import { loopback, type Loopback, sendResult } from '../transports/http-client/loopback.js';
import { cites } from '../../requirements.js';
import { type Asked, discovered, failureOf, scriptedModern } from './scripted.js';

type Hints = {
  readonly ttlMs?: unknown;
  readonly cacheScope?: string;
  readonly resultType?: string;
};

const item = { name: 'a', inputSchema: { type: 'object' } };
const page = (hints: Hints, more: object = {}) => ({
  resultType: 'complete',
  cacheScope: 'private',
  tools: [item],
  ...hints,
  ...more,
});
const listen = { method: 'subscriptions/listen' } as const;

/** A client of a server with the given answers, each to be had for as long as `hints` say. */
async function clientOf(
  answer: (asked: Asked, times: number) => object | undefined,
  options: ConnectOptions = {},
) {
  let times = 0;
  const server = scriptedModern((asked, { result }) => {
    const given = asked.method === listen.method ? undefined : answer(asked, ++times);
    if (given !== undefined) result(asked, given);
  });
  const platform = manualPlatform();
  const client = await connect(server.pipe, { platform, ...options });
  const count = (method: string): number =>
    server.seen.filter((one) => one.method === method).length;
  return { client, server, clock: platform.clock, count };
}

cites('cache/fresh');
test('a list is asked for again only when its time is over', async () => {
  const { client, clock, count } = await clientOf(() => page({ ttlMs: 1000 }));
  const first = await client.listTools();
  await clock.advance(999);
  expect(await client.listTools()).toEqual(first);
  expect(count('tools/list')).toBe(1);
  await clock.advance(1);
  await client.listTools();
  expect(count('tools/list')).toBe(2);
});

cites('cache/no-ttl');
test.each([0, -1, undefined, null, '1000', Number.NaN])(
  'an answer with a ttlMs of %s is not kept',
  async (ttlMs) => {
    const { client, count } = await clientOf(() => page({ ttlMs }));
    await failureOf(client.listTools());
    await failureOf(client.listTools());
    expect(count('tools/list')).toBe(2);
  },
);

test('a server cannot have an answer kept for ever', async () => {
  const { client, clock, count } = await clientOf(() => page({ ttlMs: 1e15 }));
  await client.listTools();
  await clock.advance(defaultLimits.cacheTtlMsMax);
  await client.listTools();
  expect(count('tools/list')).toBe(2);
});

test('no answer is kept where nobody wants it', async () => {
  const { client, count } = await clientOf(() => page({ ttlMs: 1000 }), { cache: false });
  await client.listTools();
  await client.listTools();
  expect(count('tools/list')).toBe(2);
});

cites('cache/key');
test('each page and each resource is kept for itself', async () => {
  const { client, server } = await clientOf(({ method, params = {} }) => {
    const hints = { resultType: 'complete', ttlMs: 1000, cacheScope: 'private' };
    if (method === 'resources/read') {
      return { ...hints, contents: [{ uri: params['uri'], text: String(params['uri']) }] };
    }
    return page(hints, params['cursor'] === undefined ? { nextCursor: '' } : {});
  });
  for (let times = 0; times < 2; times++) {
    expect(await client.listTools()).toHaveLength(2);
    expect((await client.readResource('test://a')).contents).toMatchObject([{ text: 'test://a' }]);
    expect((await client.readResource('test://b')).contents).toMatchObject([{ text: 'test://b' }]);
  }
  const asked = server.seen
    .slice(1)
    .map(({ method, params = {} }) => [method, params['cursor'] ?? params['uri']]);
  expect(asked).toEqual([
    ['tools/list', undefined],
    ['tools/list', ''],
    ['resources/read', 'test://a'],
    ['resources/read', 'test://b'],
  ]);
});

test('who asks whether the server is there asks the server', async () => {
  const platform = manualPlatform();
  const server = scriptedModern(() => undefined);
  const client = await connect(server.pipe, { platform });
  await client.ping();
  await client.ping();
  expect(server.methods()).toEqual(['server/discover', 'server/discover', 'server/discover']);
});

test('an answer is kept as it came, whatever is done to it', async () => {
  const { client } = await clientOf(() => page({ ttlMs: 1000 }));
  const [first] = await client.listTools();
  (first as { name: string }).name = 'changed';
  const [second] = await client.listTools();
  expect(second?.name).toBe('a');
  expect(() => ((second as { name: string }).name = 'changed')).toThrow(TypeError);
});

test('a kept answer says how long it has still to live', async () => {
  const { client, clock } = await clientOf(() => page({ ttlMs: 1000 }));
  expect(await client.request('tools/list')).toMatchObject({ ttlMs: 1000 });
  await clock.advance(400);
  expect(await client.request('tools/list')).toMatchObject({ ttlMs: 600 });
});

test('trace context makes no difference, anything else in _meta does', async () => {
  const { client, count } = await clientOf(() => page({ ttlMs: 1000 }));
  await client.listTools({ meta: { traceparent: '00-1' } });
  await client.listTools({ meta: { traceparent: '00-2' }, onProgress: () => undefined });
  expect(count('tools/list')).toBe(1);
  await client.listTools({ meta: { 'com.example/tenant': 'a' } });
  await client.listTools({ meta: { 'com.example/tenant': 'b' } });
  await client.request('tools/list', { filter: 'x' });
  expect(count('tools/list')).toBe(4);
});

cites('cache/retry-not-kept');
test('neither a question nor the answer to its answers is kept', async () => {
  const question = {
    resultType: 'input_required',
    ttlMs: 1000,
    cacheScope: 'public',
    requestState: 'sealed',
    inputRequests: { who: { method: 'roots/list' } },
  };
  const contents = [{ uri: 'test://a', text: 'x' }];
  const { client, count } = await clientOf(
    ({ params = {} }) =>
      params['inputResponses'] === undefined
        ? question
        : { resultType: 'complete', ttlMs: 1000, cacheScope: 'private', contents },
    { answers: { roots: [] } },
  );
  for (let times = 1; times <= 2; times++) {
    await expect(client.readResource('test://a')).resolves.toMatchObject({ contents });
    expect(count('resources/read')).toBe(2 * times);
  }
});

test('what is no sound answer is not kept', async () => {
  const { client, count } = await clientOf((_asked, times) =>
    times === 1 ? page({ ttlMs: 1000 }, { tools: 'none' }) : page({ ttlMs: 1000 }),
  );
  expect(await failureOf(client.listTools())).toMatchObject({ kind: 'badResponse' });
  expect(await client.listTools()).toHaveLength(1);
  expect(count('tools/list')).toBe(2);
});

cites('cache/bad-cursor');
test('a cursor that leads nowhere any more drops all pages, and the list is read anew', async () => {
  let isChanged = false;
  const server = scriptedModern((asked, { result, error }) => {
    const { cursor } = asked.params ?? {};
    if (!isChanged) {
      // The second page is not kept as long as the first.
      const isFirst = cursor === undefined;
      const more = isFirst ? { nextCursor: 'old' } : {};
      result(asked, page({ ttlMs: isFirst ? 1000 : 1 }, more));
    } else if (cursor === 'old') error(asked, -32602);
    else result(asked, page({ ttlMs: 1000 }, { tools: [{ ...item, name: 'new' }] }));
  });
  const platform = manualPlatform();
  const client = await connect(server.pipe, { platform });
  expect(await client.listTools()).toHaveLength(2);
  isChanged = true;
  await platform.clock.advance(1);
  expect(await client.listTools()).toMatchObject([{ name: 'new' }]);
  const cursors = server.seen.slice(1).map(({ params }) => params?.['cursor']);
  expect(cursors).toEqual([undefined, 'old', 'old', undefined]);
});

cites('cache/notices');
test('notices of changes end the time at once, each of what it is about', async () => {
  const { client, server, count } = await clientOf(({ method, params = {} }) => {
    const hints = { resultType: 'complete', ttlMs: 1e6, cacheScope: 'private' };
    if (method === 'resources/read') {
      return { ...hints, contents: [{ uri: params['uri'], text: '' }] };
    }
    if (method === 'prompts/list') return { ...hints, prompts: [] };
    if (method === 'resources/list') return { ...hints, resources: [] };
    if (method === 'resources/templates/list') return { ...hints, resourceTemplates: [] };
    return page(hints);
  });
  const all = async (): Promise<readonly number[]> => {
    await client.listTools();
    await client.listPrompts();
    await client.listResources();
    await client.listResourceTemplates();
    await client.readResource('test://a');
    await client.readResource('test://ab');
    await client.readResource('test://b');
    const lists = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];
    return [...lists, 'resources/read'].map(count);
  };
  expect(await all()).toEqual([1, 1, 1, 1, 3]);
  const uris = ['test://a'];
  const changes = client.listen({ tools: true, uris })[Symbol.asyncIterator]();
  const next = changes.next();
  const { id } = await server.until(listen.method);
  const meta = { _meta: { 'io.modelcontextprotocol/subscriptionId': id } };
  const notify = async (method: string, params: object = {}): Promise<void> => {
    server.notify(`notifications/${method}`, { ...params, ...meta });
    await changes.next();
  };
  const notifications = { toolsListChanged: true, resourceSubscriptions: uris };
  server.notify('notifications/subscriptions/acknowledged', { notifications, ...meta });
  await next;
  // What changed before it was listened for was told to nobody.
  expect(await all()).toEqual([2, 1, 1, 1, 4]);
  await notify('tools/list_changed');
  expect(await all()).toEqual([3, 1, 1, 1, 4]);
  await notify('prompts/list_changed');
  expect(await all()).toEqual([3, 2, 1, 1, 4]);
  await notify('resources/list_changed');
  expect(await all()).toEqual([3, 2, 2, 2, 4]);
  await notify('resources/updated', { uri: 'test://a/part' });
  expect(await all()).toEqual([3, 2, 2, 2, 5]);
  await changes.return?.();
});

test('an answer that was on its way when a notice came is not kept', async () => {
  const held: Asked[] = [];
  const { client, server, count } = await clientOf((asked, times) => {
    if (times > 1) return page({ ttlMs: 1000 });
    held.push(asked);
    return undefined;
  });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  const next = changes.next();
  const { id } = await server.until(listen.method);
  const listing = client.listTools();
  await server.until('tools/list');
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
  server.notify('notifications/tools/list_changed', { _meta });
  await next;
  server.result(held[0]!, page({ ttlMs: 1000 }));
  await listing;
  await client.listTools();
  expect(count('tools/list')).toBe(2);
  await changes.return?.();
});

const answers: { readonly [path: string]: Hints } = {
  '/public': { ttlMs: 1000, cacheScope: 'public' },
  '/private': { ttlMs: 1000, cacheScope: 'private' },
  '/unsaid': { ttlMs: 1000, cacheScope: 'everybody' },
};

/** A server of HTTP whose list may be shared as the path says. */
async function sharing(path: string): Promise<Loopback & { readonly lists: () => number }> {
  const server = await loopback((seen, response) => {
    const isList = seen.message.method === 'tools/list';
    sendResult(seen, response, isList ? page(answers[path]!) : discovered);
  });
  const lists = (): number =>
    server.seen.filter(({ message }) => message.method === 'tools/list').length;
  return { ...server, lists };
}

cites('cache/authorization');
test.each([
  { path: '/public', asked: 1 },
  { path: '/private', asked: 2 },
])('clients with one cache share what is $path', async ({ path, asked }) => {
  const server = await sharing(path);
  const cache = createResponseCache();
  const options = { cache, platform: manualPlatform(), eraCache: false } as const;
  for (const token of ['one', 'two']) {
    const headers = { authorization: token };
    await using client = await connect(server.url, { ...options, headers });
    expect(await client.listTools()).toHaveLength(1);
    expect(await client.listTools()).toHaveLength(1);
  }
  expect(server.lists()).toBe(asked);
  expect(cache.size).toBe(path === '/public' ? 1 : 0);
});

test('a cache is shared by clients of one server that can do the same', async () => {
  const [one, two] = [await sharing('/public'), await sharing('/public')];
  const cache = createResponseCache();
  const options = { cache, platform: manualPlatform(), eraCache: false } as const;
  for (const { url } of [one, two]) {
    await using client = await connect(url, options);
    await client.listTools();
  }
  expect([one.lists(), two.lists()]).toEqual([1, 1]);
  await using able = await connect(one.url, { ...options, answers: { roots: [] } });
  await able.listTools();
  expect(one.lists()).toBe(2);
});
