import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { defaultLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import {
  answerEvent,
  beginStream,
  failureOf,
  loopback,
  type Loopback,
  type Seen,
  sendResult,
} from '../transports/http-client/loopback.js';

const { reconnectMsMin } = defaultLimits;

interface Sessions extends Loopback {
  /** Forgets a session: everything that names it is answered with 404. */
  forget(id: string): void;
  /** The `nth` standing stream that was opened. */
  standing(nth: number): Promise<ServerResponse>;
  asked(method: string, session?: string): readonly Seen[];
}

/** A server of sessions `s1`, `s2`, …; `answer` gets what is no matter of the session itself. */
async function sessions(
  answer: (seen: Seen, response: ServerResponse) => void = () => undefined,
): Promise<Sessions> {
  const known = new Set<string>();
  const streams: ServerResponse[] = [];
  let last = 0;
  const server = await loopback((seen, response) => {
    const { method } = seen.message;
    const session = String(seen.headers['mcp-session-id']);
    if (method === 'initialize') {
      known.add(`s${++last}`);
      response.setHeader('mcp-session-id', `s${last}`);
      sendResult(seen, response, {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
        serverInfo: { name: 'sessions', version: '1' },
      });
    } else if (!known.has(session)) response.writeHead(404).end();
    else if (method === 'notifications/initialized') response.writeHead(202).end();
    else if (method?.startsWith('resources/') === true) sendResult(seen, response, {});
    else if (seen.method === 'DELETE') response.end();
    else if (seen.method === 'GET') {
      streams.push(response);
      beginStream(response, ': open\n\n');
    } else answer(seen, response);
  });
  return {
    ...server,
    forget: (id) => void known.delete(id),
    asked: (method, session) =>
      server.seen.filter(
        ({ message, headers }) =>
          message.method === method &&
          (session === undefined || headers['mcp-session-id'] === session),
      ),
    async standing(nth) {
      const gets = (): readonly Seen[] => server.seen.filter((seen) => seen.method === 'GET');
      // The stream is there once the request that opens it was seen and answered.
      await server.until(() => gets().length >= nth && streams.length >= nth);
      return streams[nth - 1]!;
    },
  };
}

function surroundings() {
  const random = { bytes: (count: number) => new Uint8Array(count) };
  return { ...manualPlatform(), random };
}

const echo = (seen: Seen, response: ServerResponse): void => {
  beginStream(response, answerEvent(seen.message.id));
  response.end();
};
const done = { content: [{ text: 'done' }] };
const legacy = { era: 'legacy' } as const;

test('many calls that find their session lost open one other', async () => {
  const server = await sessions(echo);
  await using client = await connect(server.url, { ...legacy, platform: surroundings() });
  server.forget('s1');
  const calls = Array.from({ length: 10 }, () => client.callTool('work'));
  for (const call of calls) await expect(call).resolves.toMatchObject(done);
  expect(server.asked('initialize')).toHaveLength(2);
  expect(server.asked('tools/call', 's2')).toHaveLength(10);
});

test('a call that still has its stream keeps it', async () => {
  const held: [Seen, ServerResponse][] = [];
  const server = await sessions((seen, response) => {
    if (held.length > 0) return echo(seen, response);
    held.push([seen, response]);
    beginStream(response, ': working\n\n');
  });
  await using client = await connect(server.url, { ...legacy, platform: surroundings() });
  const early = client.callTool('early');
  await server.until(({ message }) => message.method === 'tools/call');
  server.forget('s1');
  await expect(client.callTool('late')).resolves.toMatchObject(done);
  const [seen, response] = held[0]!;
  response.end(answerEvent(seen.message.id));
  await expect(early).resolves.toMatchObject(done);
  expect(server.asked('tools/call')).toHaveLength(3);
});

test('the sessions of others go on', async () => {
  const held: [Seen, ServerResponse][] = [];
  const server = await sessions((seen, response) => {
    if (seen.headers['mcp-session-id'] !== 's2') return echo(seen, response);
    held.push([seen, response]);
    beginStream(response, ': working\n\n');
  });
  const options = { ...legacy, platform: surroundings() };
  await using one = await connect(server.url, options);
  await using two = await connect(server.url, options);
  const theirs = two.callTool('theirs');
  await server.until(({ headers }) => headers['mcp-session-id'] === 's2' && held.length > 0);
  server.forget('s1');
  await expect(one.callTool('ours')).resolves.toMatchObject(done);
  const [seen, response] = held[0]!;
  response.end(answerEvent(seen.message.id));
  await expect(theirs).resolves.toMatchObject(done);
  expect(server.asked('tools/call', 's2')).toHaveLength(1);
});

test('a session that is lost again at once is not opened a third time', async () => {
  const server = await sessions((_seen, response) => response.writeHead(404).end());
  await using client = await connect(server.url, { ...legacy, platform: surroundings() });
  await expect(client.callTool('work')).rejects.toMatchObject({ kind: 'sessionNotFound' });
  expect(server.asked('initialize')).toHaveLength(2);
});

test('who cancels while the session is opened anew need not wait for it', async () => {
  const server = await sessions(echo);
  const holding = await loopback((seen, response) => {
    const { method } = seen.message;
    const isSecond = holding.seen.filter((one) => one.message.method === method).length > 1;
    if (method !== 'initialize') response.writeHead(method === 'tools/call' ? 404 : 202).end();
    else if (!isSecond) {
      response.setHeader('mcp-session-id', 'one');
      const serverInfo = { name: 'holding', version: '1' };
      sendResult(seen, response, { protocolVersion: '2025-11-25', capabilities: {}, serverInfo });
    }
  });
  await using client = await connect(holding.url, { ...legacy, platform: surroundings() });
  const first = failureOf(client.callTool('first'));
  await holding.until(() => holding.seen.filter(isInitialize).length > 1);
  const controller = new AbortController();
  const second = failureOf(client.callTool('second', {}, { signal: controller.signal }));
  controller.abort();
  expect(await second).toMatchObject({ kind: 'cancelled' });
  await client.close();
  expect(await first).toMatchObject({ kind: 'connectionClosed' });
  expect(server.seen).toEqual([]);
});

const isInitialize = ({ message }: Seen): boolean => message.method === 'initialize';

test('whoever listens is told when the stream of notices had a gap', async () => {
  const server = await sessions();
  const platform = surroundings();
  await using client = await connect(server.url, { ...legacy, platform });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  expect(await changes.next()).toMatchObject({ value: { kind: 'listening' } });
  (await server.standing(1)).destroy();
  const next = changes.next();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  expect(await next).toMatchObject({
    value: { kind: 'listening', filter: { toolsListChanged: true } },
  });
  const stream = await server.standing(2);
  stream.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
  expect(await changes.next()).toMatchObject({ value: { kind: 'tools' } });
  await changes.return?.();
});

test('a stream that is resumed where it was has no gap', async () => {
  const server = await sessions();
  const platform = surroundings();
  await using client = await connect(server.url, { ...legacy, platform });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  const first = await server.standing(1);
  const notice = 'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n';
  first.write(`id: 1\n${notice}`);
  expect(await changes.next()).toMatchObject({ value: { kind: 'tools' } });
  first.destroy();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  (await server.standing(2)).write(`id: 2\n${notice}`);
  expect(await changes.next()).toMatchObject({ value: { kind: 'tools' } });
  expect(server.seen.filter(({ method }) => method === 'GET')[1]?.headers).toMatchObject({
    'last-event-id': '1',
  });
  await changes.return?.();
});

test('whoever only listens gets another session, too, subscriptions and all', async () => {
  const server = await sessions();
  const platform = surroundings();
  await using client = await connect(server.url, { ...legacy, platform });
  const uris = ['test://a', 'test://b'];
  const changes = client.listen({ uris })[Symbol.asyncIterator]();
  await changes.next();
  server.forget('s1');
  (await server.standing(1)).destroy();
  const next = changes.next();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  expect(await next).toMatchObject({ value: { kind: 'listening' } });
  expect(server.asked('resources/subscribe', 's2')).toHaveLength(2);
  const stream = await server.standing(2);
  const updated = { jsonrpc: '2.0', method: 'notifications/resources/updated' };
  stream.write(`data: ${JSON.stringify({ ...updated, params: { uri: 'test://b' } })}\n\n`);
  expect(await changes.next()).toEqual({
    value: { kind: 'resource', uri: 'test://b' },
    done: false,
  });
  await changes.return?.();
});

test('a session that was lost while nobody listened is opened anew for who comes', async () => {
  const server = await sessions();
  const platform = surroundings();
  let isRefused = (): void => undefined;
  const refused = new Promise<void>((resolve) => (isRefused = resolve));
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (response.status === 404) isRefused();
    return response;
  };
  await using client = await connect(server.url, { ...legacy, platform, fetch });
  const stream = await server.standing(1);
  server.forget('s1');
  stream.destroy();
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  await refused;
  await platform.clock.advance(0);
  expect(server.asked('initialize')).toHaveLength(1);
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  expect(await changes.next()).toMatchObject({ value: { kind: 'listening' } });
  expect(server.asked('initialize')).toHaveLength(2);
  await changes.return?.();
});
