/** A server that refuses the stream of notices, or to open a lost session again. */
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { defaultLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/index.js';
import {
  beginStream,
  failureOf,
  isCall,
  loopback,
  type Loopback,
  type Seen,
  sendResult,
} from '../transports/http-client/loopback.js';

const legacy = { era: 'legacy' } as const;
const { reconnectMsMin } = defaultLimits;
const isGet = ({ method }: Seen): boolean => method === 'GET';
const isInitialize = ({ message }: Seen): boolean => message.method === 'initialize';

/** A server of sessions that calls find lost; `onGet` answers the `nth` request for a stream of notices. */
async function sessions(
  onGet: (response: ServerResponse, nth: number) => void,
  mayOpen: (nth: number) => boolean = () => true,
): Promise<Loopback> {
  const server = await loopback((seen, response) => {
    const countOf = (fits: (seen: Seen) => boolean): number => server.seen.filter(fits).length;
    if (isInitialize(seen)) {
      const nth = countOf(isInitialize);
      if (!mayOpen(nth)) return void response.writeHead(503).end();
      response.setHeader('mcp-session-id', `s${nth}`);
      sendResult(seen, response, {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'sessions', version: '1' },
      });
    } else if (isGet(seen)) onGet(response, countOf(isGet));
    else if (seen.message.method === 'ping') sendResult(seen, response, {});
    // Calls come too late for the first session.
    else response.writeHead(isCall(seen) ? 404 : 202).end();
  });
  return server;
}

function surroundings() {
  const random = { bytes: (count: number) => new Uint8Array(count) };
  return { ...manualPlatform(), random };
}

const lost = { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } };

test('a session whose stream is refused by name is lost before it was of use', async () => {
  const server = await sessions((response, nth) => {
    if (nth > 1) return beginStream(response, ': open\n\n');
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(lost));
  });
  await using client = await connect(server.url, { ...legacy, platform: surroundings() });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  const inThe = (session: string) => (seen: Seen) =>
    isGet(seen) && seen.headers['mcp-session-id'] === session;
  await changes.next();
  await server.until(inThe('s2'));
  expect(await changes.next()).toMatchObject({ value: { kind: 'listening' } });
  await changes.return?.();
});

test.each([
  ['says nothing', ''],
  ['answers for a path that it does not know', '{"detail":"Not Found"}'],
])('a server without such a stream, which %s, keeps its session', async (_what, body) => {
  const server = await sessions((response) => {
    const headers = body === '' ? {} : { 'content-type': 'application/json' };
    response.writeHead(404, headers).end(body);
  });
  await using client = await connect(server.url, { ...legacy, platform: surroundings() });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  expect(await changes.next()).toMatchObject({ value: { kind: 'listening' } });
  expect(await client.ping()).toBeUndefined();
  expect(server.seen.filter(isInitialize)).toHaveLength(1);
  await changes.return?.();
});

test('whoever listens is told when a lost session cannot be opened again', async () => {
  const server = await sessions(
    (response) => beginStream(response, ': open\n\n'),
    (nth) => nth !== 2,
  );
  const platform = surroundings();
  await using client = await connect(server.url, { ...legacy, platform });
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  const next = changes.next();
  expect(await failureOf(client.callTool('work'))).toMatchObject({ kind: 'unavailable' });
  // It tries again by itself, and makes no call that would find out.
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  expect(await next).toMatchObject({ value: { kind: 'listening' } });
  expect(server.seen.filter(isInitialize)).toHaveLength(3);
  await changes.return?.();
});
