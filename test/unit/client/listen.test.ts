import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { defaultLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import {
  beginStream,
  failureOf,
  loopback,
  type Loopback,
  type Seen,
  sendResult,
} from '../transports/http-client/loopback.js';
import { discovered, scriptedModern } from './scripted.js';

const { reconnectMsMin, reconnectMsMax, reconnectsMax, retryMs } = defaultLimits;
const method = 'subscriptions/listen';

type Stream = ServerResponse & { readonly seen: Seen };

interface Listening extends Loopback {
  /** The `nth` stream of notices that was asked for. */
  stream(nth: number): Promise<Stream>;
  streams(): number;
}

/** A server whose streams of notices the test writes, acknowledged where `acknowledges` says so. */
async function listening(
  acknowledges: (nth: number) => boolean | number = () => true,
): Promise<Listening> {
  const streams: Stream[] = [];
  const server = await loopback((seen, response) => {
    if (seen.message.method !== method) {
      sendResult(seen, response, { ...discovered, tools: [] });
      return;
    }
    streams.push(Object.assign(response, { seen }));
    const how = acknowledges(streams.length);
    if (typeof how === 'number') return void response.writeHead(how).end();
    beginStream(response, ': hello\n\n');
    if (how) say(streams.at(-1)!, 'subscriptions/acknowledged', { notifications: {} });
  });
  return {
    ...server,
    streams: () => streams.length,
    async stream(nth) {
      const wanted = (seen: Seen): boolean => streams[nth - 1]?.seen === seen;
      while (streams.length < nth) await server.until(wanted);
      return streams[nth - 1]!;
    },
  };
}

function say(stream: Stream, notice: string, params: object = {}): void {
  const _meta = { 'io.modelcontextprotocol/subscriptionId': stream.seen.message.id };
  const message = { jsonrpc: '2.0', method: `notifications/${notice}` };
  stream.write(`data: ${JSON.stringify({ ...message, params: { ...params, _meta } })}\n\n`);
}

function surroundings(chance = 0) {
  const random = { bytes: (count: number) => new Uint8Array(count).fill(chance) };
  return { ...manualPlatform(), random };
}

const kind = (value: string) => ({ value: { kind: value }, done: false });

test('a stream that breaks off is begun anew, and that is told', async () => {
  const server = await listening();
  const platform = surroundings();
  await using client = await connect(server.url, { platform });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  expect(await changes.next()).toMatchObject(kind('listening'));
  const first = await server.stream(1);
  say(first, 'tools/list_changed');
  expect(await changes.next()).toEqual(kind('tools'));
  const next = changes.next();
  first.destroy();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  expect(server.streams()).toBe(1);
  await platform.clock.advance(reconnectMsMin);
  expect(await next).toMatchObject(kind('listening'));
  const second = await server.stream(2);
  expect(second.seen.message.id).not.toBe(first.seen.message.id);
  say(second, 'tools/list_changed');
  expect(await changes.next()).toEqual(kind('tools'));
  await changes.return?.();
  expect(platform.clock.waiting).toBe(0);
});

test('the graceful end is the end', async () => {
  const server = await listening();
  const platform = surroundings();
  await using client = await connect(server.url, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const stream = await server.stream(1);
  const { id } = stream.seen.message;
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
  const result = { resultType: 'complete', _meta };
  stream.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  expect(await changes.next()).toMatchObject({ done: true });
  expect(server.streams()).toBe(1);
});

test('waiting grows, and a server that stays away is given up', async () => {
  const server = await listening((nth) => nth === 1 || 503);
  const platform = surroundings(255);
  await using client = await connect(server.url, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const failed = failureOf(changes.next());
  (await server.stream(1)).destroy();
  for (let failures = 1; failures <= reconnectsMax; failures++) {
    const wait = Math.min(retryMs * 2 ** failures, reconnectMsMax);
    await platform.clock.armed((ms) => ms === wait);
    await platform.clock.advance(wait);
  }
  expect(await failed).toMatchObject({ kind: 'unavailable' });
  expect(server.streams()).toBe(reconnectsMax + 1);
});

test('a server that cuts streams now and then is never given up', async () => {
  const server = await listening();
  const platform = surroundings();
  const limits = { reconnectsMax: 1 };
  await using client = await connect(server.url, { platform, limits });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  const cut = async (nth: number): Promise<void> => {
    (await server.stream(nth)).destroy();
    await platform.clock.armed((ms) => ms === reconnectMsMin);
    await platform.clock.advance(reconnectMsMin);
    expect(await changes.next()).toMatchObject(kind('listening'));
  };
  expect(await changes.next()).toMatchObject(kind('listening'));
  // Long life, or news, is a sign of health.
  for (const nth of [1, 3, 5]) {
    say(await server.stream(nth), 'tools/list_changed');
    expect(await changes.next()).toEqual(kind('tools'));
    await cut(nth);
    await platform.clock.advance(reconnectMsMax);
    await cut(nth + 1);
  }
  await changes.return?.();
});

test.each([503, 429, 401])(
  'what is refused from the start (%i) is not tried again',
  async (how) => {
    const server = await listening(() => how);
    await using client = await connect(server.url, { platform: surroundings() });
    const changes = client.listen({})[Symbol.asyncIterator]();
    await expect(changes.next()).rejects.toMatchObject({ name: 'McpError' });
    expect(server.streams()).toBe(1);
  },
);

test('what another try cannot change ends it', async () => {
  const server = await listening((nth) => nth === 1 || 401);
  const platform = surroundings();
  await using client = await connect(server.url, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const failed = failureOf(changes.next());
  (await server.stream(1)).destroy();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  expect(await failed).toMatchObject({ kind: 'unauthorized' });
});

test('closing ends the waiting', async () => {
  const server = await listening();
  const platform = surroundings();
  const client = await connect(server.url, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const failed = failureOf(changes.next());
  (await server.stream(1)).destroy();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await client.close();
  expect(await failed).toMatchObject({ kind: 'connectionClosed' });
  expect(platform.clock.waiting).toBe(0);
});

test.each(['signal', 'return'] as const)('it can be left while it waits (%s)', async (how) => {
  const server = scriptedModern((asked, { notify }) => {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': asked.id };
    notify('notifications/subscriptions/acknowledged', { notifications: {}, _meta });
  });
  await using client = await connect(server.pipe, { platform: surroundings() });
  const stopper = new AbortController();
  const changes = client.listen({}, { signal: stopper.signal })[Symbol.asyncIterator]();
  expect(await changes.next()).toMatchObject(kind('listening'));
  const next = changes.next();
  if (how === 'signal') stopper.abort();
  else await changes.return?.();
  expect(await next).toMatchObject({ done: true });
  expect(await changes.next()).toMatchObject({ done: true });
  await server.until('notifications/cancelled');
});

test('a pipe that ends takes the listening with it', async () => {
  const server = scriptedModern((asked, { notify }) => {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': asked.id };
    notify('notifications/subscriptions/acknowledged', { notifications: {}, _meta });
  });
  const platform = surroundings();
  await using client = await connect(server.pipe, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const failed = failureOf(changes.next());
  await server.close();
  expect(await failed).toMatchObject({ name: 'McpError' });
  expect(platform.clock.waiting).toBe(0);
});

test('a server that asks for time to come back gets it', async () => {
  const server = await loopback((seen, response) => {
    if (seen.message.method !== method) {
      return sendResult(seen, response, { ...discovered, tools: [] });
    }
    if (server.seen.filter(({ message }) => message.method === method).length > 1) {
      return void response.writeHead(503, { 'retry-after': '120' }).end();
    }
    beginStream(response, '');
    const stream = Object.assign(response, { seen });
    say(stream, 'subscriptions/acknowledged', { notifications: {} });
    response.end();
  });
  const platform = surroundings();
  await using client = await connect(server.url, { platform });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  const next = changes.next();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  await platform.clock.armed((ms) => ms === 120_000);
  await changes.return?.();
  expect(await next).toMatchObject({ done: true });
});

test('resources without number, faster than they are looked at, are one change', async () => {
  const count = defaultLimits.subscriptionsPerSessionMax + 10;
  const server = scriptedModern((asked, { notify }) => {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': asked.id };
    notify('notifications/subscriptions/acknowledged', { notifications: {}, _meta });
    notify('notifications/resources/updated', { uri: 'x'.repeat(10_000), _meta });
    for (let at = 0; at < count; at++) {
      notify('notifications/resources/updated', { uri: `test:///${at}`, _meta });
      notify('notifications/tools/list_changed', { _meta });
    }
  });
  await using client = await connect(server.pipe, { platform: surroundings() });
  const changes = client.listen({})[Symbol.asyncIterator]();
  await changes.next();
  let seen = 0;
  for (let uri = ''; uri !== `test:///${count - 1}`; seen++) {
    const { value } = await changes.next();
    expect(value?.kind).not.toBe(undefined);
    if (value?.kind === 'resource') ({ uri } = value);
  }
  expect(seen).toBeLessThan(count);
});
