import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { connect, type ConnectOptions } from '../../../../src/connect.js';
import { defaultLimits as limits } from '../../../../src/limits.js';
import { manualPlatform } from '../../../../src/testing/clock.js';
import {
  type Answer,
  answerEvent,
  beginStream,
  failureOf,
  isCall,
  loopback,
  type Loopback,
  type Seen,
  sendResult,
  sessionLoopback,
} from './loopback.js';

const eras = ['legacy', 'modern'] as const;

/** A server of one era; `answer` gets the calls and what belongs to no handshake. */
function serverOf(era: (typeof eras)[number], answer: Answer): Promise<Loopback> {
  if (era === 'legacy') return sessionLoopback(answer);
  return loopback((seen, response) => {
    if (seen.message.method !== 'server/discover') return answer(seen, response);
    const info = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    const hints = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    sendResult(seen, response, { ...info, ...hints });
  });
}

function streamAnswer({ message }: Seen, response: ServerResponse): void {
  beginStream(response, answerEvent(message.id));
}

const options = (era: (typeof eras)[number]) => {
  const platform = manualPlatform();
  return { era, platform } satisfies ConnectOptions;
};

const done = { content: [{ text: 'done' }] };

test.each(eras)('a %s stream that goes on after the answer is cut', async (era) => {
  const server = await serverOf(era, (seen, response) => {
    if (isCall(seen)) streamAnswer(seen, response);
    else response.end();
  });
  const own = options(era);
  await using client = await connect(server.url, own);
  await expect(client.callTool('work')).resolves.toMatchObject(done);
  const { over } = await server.until(isCall);
  await own.platform.clock.advance(limits.lingerMs);
  expect(await over).toEqual({ isCut: true });
});

test.each(eras)('a %s stream that ends leaves its connection to the next call', async (era) => {
  const server = await serverOf(era, (seen, response) => {
    if (isCall(seen)) streamAnswer(seen, response);
    response.end();
  });
  await using client = await connect(server.url, { era });
  await client.callTool('work');
  expect(await (await server.until(isCall)).over).toEqual({ isCut: false });
  await client.callTool('work');
  const [first, second] = server.seen.filter(isCall);
  expect(second?.port).toBe(first?.port);
});

test.each(eras)('what follows the answer on a %s stream reaches no call', async (era) => {
  const note = { jsonrpc: '2.0', method: 'notifications/progress' };
  const server = await serverOf(era, (seen, response) => {
    if (!isCall(seen)) return response.end();
    const params = { progressToken: seen.message.id, progress: 1 };
    const late = `data: ${JSON.stringify({ ...note, params })}\n\n`;
    beginStream(response, answerEvent(seen.message.id) + late);
    response.end();
  });
  const heard: unknown[] = [];
  await using client = await connect(server.url, { era });
  await client.callTool('work', {}, { onProgress: (progress) => heard.push(progress) });
  await (
    await server.until(isCall)
  ).over;
  await client.callTool('work');
  expect(heard).toEqual([]);
});

test.each(eras)('closing cuts what is open (%s)', async (era) => {
  const server = await serverOf(era, (seen, response) => {
    if (isCall(seen)) beginStream(response, ': working\n\n');
    else response.end();
  });
  const own = options(era);
  const client = await connect(server.url, own);
  const failed = failureOf(client.callTool('work'));
  const { over } = await server.until(isCall);
  await client.close();
  expect(await failed).toMatchObject({ kind: 'connectionClosed' });
  expect(await over).toEqual({ isCut: true });
  expect(own.platform.clock.waiting).toBe(0);
  await expect(client.callTool('more')).rejects.toMatchObject({ kind: 'connectionClosed' });
});

test('closing does not wait for ever for a server that does not end its session', async () => {
  const server = await serverOf('legacy', () => undefined);
  const own = options('legacy');
  const client = await connect(server.url, own);
  const closed = client.close();
  await server.until(({ method }) => method === 'DELETE');
  await own.platform.clock.advance(limits.sessionEndMs);
  await expect(closed).resolves.toBeUndefined();
});

test('a cancelled call does not wait for the server to hear of it', async () => {
  const server = await serverOf('legacy', (seen, response) => {
    if (seen.method === 'DELETE') response.end();
  });
  await using client = await connect(server.url, { era: 'legacy' });
  const controller = new AbortController();
  const { signal } = controller;
  const call = client.callTool('work', {}, { signal });
  await server.until(isCall);
  controller.abort();
  await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  await server.until(({ message }) => message.method === 'notifications/cancelled');
});

test('a server that opens no session in time is given up', async () => {
  const server = await loopback(() => undefined);
  const own = options('legacy');
  const failed = failureOf(connect(server.url, own));
  await server.until(({ message }) => message.method === 'initialize');
  await own.platform.clock.advance(limits.clientCallMs);
  expect(await failed).toMatchObject({ kind: 'timeout' });
});

test('a stream that names no endpoint of the old transport is given up and cut', async () => {
  const server = await loopback(({ method }, response) => {
    if (method === 'GET') beginStream(response, ': hello\n\n');
    else response.writeHead(405).end();
  });
  const own = options('legacy');
  const failed = failureOf(connect(server.url, own));
  const { over } = await server.until(({ method }) => method === 'GET');
  await own.platform.clock.armed((ms) => ms === limits.probeMs);
  await own.platform.clock.advance(limits.probeMs);
  expect(await failed).toMatchObject({ kind: 'methodNotAllowed' });
  expect(await over).toEqual({ isCut: true });
  expect(own.platform.clock.waiting).toBe(0);
});
