import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { connect, type ConnectOptions } from '../../../src/connect.js';
import type { CallOptions } from '../../../src/client/call.js';
import type { Middleware } from '../../../src/exchange.js';
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
import { cites } from '../../requirements.js';
import { discovered, scripted } from './scripted.js';

const { reconnectMsMin, retryMs, callRetriesPerMinuteMax } = defaultLimits;

const tools = ['plain', 'reads', 'repeats', 'destroys'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: {
    ...(name === 'reads' ? { readOnlyHint: true } : {}),
    ...(name === 'repeats' ? { idempotentHint: true } : {}),
    ...(name === 'destroys' ? { destructiveHint: true, readOnlyHint: false } : {}),
  },
}));

interface Losing extends Loopback {
  /** The requests of this method, lost or not. */
  asked(method: string): readonly Seen[];
}

/** A server that cuts the first `losses` answers to anything but the question what it is. */
async function losing(losses: number): Promise<Losing> {
  let left = losses;
  const server = await loopback((seen, response) => {
    const { method } = seen.message;
    if (method === 'server/discover') return sendResult(seen, response, discovered);
    if (method !== 'tools/list' && left-- > 0) {
      beginStream(response, ': working\n\n');
      return void response.socket?.end();
    }
    if (method === 'tools/list') sendResult(seen, response, { ...discovered, tools });
    else if (method === 'prompts/get') sendResult(seen, response, { ...discovered, messages: [] });
    else {
      beginStream(response, answerEvent(seen.message.id));
      response.end();
    }
  });
  const asked = (method: string): readonly Seen[] =>
    server.seen.filter(({ message }) => message.method === method);
  return { ...server, asked };
}

function surroundings(chance = 0) {
  const random = { bytes: (count: number) => new Uint8Array(count).fill(chance) };
  return { ...manualPlatform(), random };
}

const done = { content: [{ text: 'done' }] };
const lost = { kind: 'outcomeUnknown' };

cites('http/reissue');
test.each([
  { chance: 0, waited: reconnectMsMin },
  { chance: 255, waited: retryMs },
])('a call that may be repeated is made again after $waited ms', async ({ chance, waited }) => {
  const server = await losing(1);
  const platform = surroundings(chance);
  await using client = await connect(server.url, { platform });
  await client.listTools();
  const call = client.callTool('reads');
  await platform.clock.armed((ms) => ms === waited);
  expect(server.asked('tools/call')).toHaveLength(1);
  await platform.clock.advance(waited);
  await expect(call).resolves.toMatchObject(done);
  const [first, second] = server.asked('tools/call').map(({ message }) => message);
  expect(second?.id).not.toBe(first?.id);
  const meta = (second as { params?: { _meta?: object } }).params?._meta;
  expect(meta).toMatchObject({ progressToken: second?.id });
});

interface Case {
  readonly name: string;
  readonly isListed?: boolean;
  readonly retry?: NonNullable<ConnectOptions['retry']>;
  readonly call?: CallOptions;
}

/** Makes a call whose first answer is lost. */
async function losingCall({ name, isListed = true, retry, call }: Case) {
  const server = await losing(1);
  const platform = surroundings();
  const options = retry === undefined ? { platform } : { platform, retry };
  const client = await connect(server.url, options);
  if (isListed) await client.listTools();
  return { server, clock: platform.clock, client, outcome: client.callTool(name, {}, call) };
}

test.each<Case>([
  { name: 'reads' },
  { name: 'repeats' },
  { name: 'plain', call: { idempotent: true } },
  { name: 'reads', retry: 'safe', call: { idempotent: true } },
])('made again: %o', async (one) => {
  const { clock, client, outcome } = await losingCall(one);
  await clock.armed((ms) => ms === reconnectMsMin);
  await clock.advance(reconnectMsMin);
  await expect(outcome).resolves.toMatchObject(done);
  await client.close();
});

test.each<Case>([
  { name: 'plain' },
  { name: 'destroys' },
  { name: 'reads', isListed: false },
  { name: 'reads', retry: 'safe' },
  { name: 'reads', retry: 'never' },
  { name: 'plain', retry: 'never', call: { idempotent: true } },
])('failing at once: %o', async (one) => {
  const { server, client, outcome } = await losingCall(one);
  await expect(outcome).rejects.toMatchObject(lost);
  expect(server.asked('tools/call')).toHaveLength(1);
  await client.close();
});

test('requests that only look are made again, too', async () => {
  const server = await losing(1);
  const platform = surroundings();
  await using client = await connect(server.url, { platform, retry: 'safe' });
  const prompt = client.getPrompt('a');
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  await expect(prompt).resolves.toMatchObject({ messages: [] });
});

test('a call is made again once, and then fails as it first did', async () => {
  const server = await losing(Infinity);
  const platform = surroundings();
  await using client = await connect(server.url, { platform });
  await client.listTools();
  const failed = failureOf(client.callTool('reads'));
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  await platform.clock.advance(reconnectMsMin);
  expect(await failed).toMatchObject(lost);
  expect(server.asked('tools/call')).toHaveLength(2);
});

test('a server that keeps failing is not stormed', async () => {
  const server = await losing(Infinity);
  const platform = surroundings();
  const limits = { callRetriesPerMinuteMax: 2, callRetriesMax: 1 };
  await using client = await connect(server.url, { platform, limits });
  await client.listTools();
  const fail = async (isRepeated: boolean): Promise<void> => {
    const failed = failureOf(client.callTool('reads'));
    if (isRepeated) {
      await platform.clock.armed((ms) => ms === reconnectMsMin);
      await platform.clock.advance(reconnectMsMin);
    }
    expect(await failed).toMatchObject(lost);
  };
  expect(callRetriesPerMinuteMax).toBeGreaterThan(2);
  for (const isRepeated of [true, true, false]) await fail(isRepeated);
  expect(server.asked('tools/call')).toHaveLength(5);
  await platform.clock.advance(60_000);
  await fail(true);
});

test('an error that the server gave is final', async () => {
  const server = await loopback((seen, response) => {
    const { method, id } = seen.message;
    if (method === 'server/discover') return sendResult(seen, response, discovered);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32603, message: 'x' } }));
  });
  await using client = await connect(server.url, { platform: surroundings() });
  await expect(client.getPrompt('a')).rejects.toMatchObject({ kind: 'internal' });
  expect(server.seen.filter(({ message }) => message.method === 'prompts/get')).toHaveLength(1);
});

test('who cancels meanwhile makes no second call', async () => {
  const server = await losing(1);
  const platform = surroundings();
  const seen: string[] = [];
  const spy: Middleware = (next) => (request, io) => {
    seen.push(request.method);
    return next(request, io);
  };
  await using client = await connect(server.url, { platform, middleware: [spy] });
  await client.listTools();
  const controller = new AbortController();
  const failed = failureOf(client.callTool('reads', {}, { signal: controller.signal }));
  await platform.clock.armed((ms) => ms === reconnectMsMin);
  controller.abort();
  expect(await failed).toMatchObject({ kind: 'cancelled' });
  await platform.clock.advance(reconnectMsMin);
  expect(seen).toEqual(['tools/list', 'tools/call']);
});

test('where the connection itself is over nothing is waited for', async () => {
  const server = scripted((asked, { result, close }) => {
    if (asked.method === 'server/discover') result(asked, discovered);
    else void close();
  });
  const platform = surroundings();
  await using client = await connect(server.pipe, { platform });
  await expect(client.getPrompt('a')).rejects.toMatchObject(lost);
  await platform.clock.advance(0);
  expect(platform.clock.waiting).toBe(0);
});

test.each(['node', 'fetch'] as const)(
  'a connection that is cut before the head of the answer leaves the outcome open (%s)',
  async (kind) => {
    const server = await loopback((seen, response) => {
      if (seen.message.method === 'server/discover') sendResult(seen, response, discovered);
      else response.socket?.destroy();
    });
    const platform = surroundings();
    const own = kind === 'fetch' ? { platform, fetch: globalThis.fetch } : { platform };
    await using client = await connect(server.url, own);
    await expect(client.callTool('plain')).rejects.toMatchObject(lost);
    expect(server.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  },
);

test.each(['node', 'fetch'] as const)(
  'a server that is not there has done nothing (%s)',
  async (kind) => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const own = kind === 'fetch' ? { fetch: globalThis.fetch } : {};
    const failed = failureOf(connect(`http://127.0.0.1:${port}/mcp`, own));
    expect(await failed).toMatchObject({
      kind: 'connectionFailed',
      message: expect.stringContaining('nothing listens there'),
    });
  },
);
