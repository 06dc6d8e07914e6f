/** How legacy sessions end, on purpose and by accident, between us and the official SDKs. */
import { StreamableHTTPClientTransport as V2Http } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as V1Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/index.js';
import { connectOurs } from './clients/ours.js';
import { connectV1 } from './clients/v1.js';
import { connectV2 } from './clients/v2.js';
import { demo } from './demo.js';
import { hostOurs } from './hosts/ours.js';
import { hostV1, hostV1Sse } from './hosts/v1.js';
import { hostV2 } from './hosts/v2.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const sdkClients = {
  v1: async (url: URL) => {
    const transport = new V1Http(url);
    return { transport, client: await connectV1(transport) };
  },
  v2: async (url: URL) => {
    const transport = new V2Http(url);
    return { transport, client: await connectV2(transport, 'legacy') };
  },
};

describe.each(Object.entries(sdkClients))('%s → ours', (_name, connect) => {
  test('a session that the client ended is gone', async () => {
    const host = await hostOurs();
    closers.push(() => host.close());
    const { client, transport } = await connect(new URL(host.url));
    closers.push(() => client.close());
    const sessionId = transport.sessionId!;
    expect(sessionId).toMatch(/^[\x21-\x7e]{32,}$/);
    await client.ping();

    await transport.terminateSession();

    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': sessionId,
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 99, method: 'ping' });
    const answer = await fetch(host.url, { method: 'POST', headers, body });
    expect(answer.status).toBe(404);
  });
});

const sdkHosts = { v1: hostV1, v2: hostV2 };

describe.each(Object.entries(sdkHosts))('ours → %s', (_name, hostSdk) => {
  test('closing the client ends its session', async () => {
    const host = await hostSdk();
    closers.push(() => host.close());
    const client = await connectOurs(host.url, { era: 'legacy' });
    await client.ping();
    await client.close();
    expect(await host.sessions.ended).toBeUndefined();
  });

  test('a session that the server forgot is opened anew, subscriptions and all', async () => {
    const host = await hostSdk();
    closers.push(() => host.close());
    const client = await connectOurs(host.url, { era: 'legacy' });
    closers.push(() => client.close());
    await host.stands(1);
    const watching = await client.watch({ uris: [demo.noteUri] });
    host.sessions.forget();

    const numbers = [1, 2, 3];
    const answers = await Promise.all(numbers.map((a) => client.call('add', { a, b: 1 })));
    const sums = answers.map(({ structuredContent }) => structuredContent);
    expect(sums).toEqual([{ sum: 2 }, { sum: 3 }, { sum: 4 }]);

    await host.stands(2);
    expect(await watching.changes.next()).toBe('listening');
    await client.call('touch', { uri: demo.noteUri });
    expect(await watching.changes.next()).toBe(demo.noteUri);
    await watching.stop();
  });
});

test('whoever listens to a legacy server is told when the connection ends', async () => {
  const host = await hostV1Sse();
  const client = await connect(host.url, { era: 'legacy' });
  closers.push(() => client.close());
  const stream = client.listen({ tools: true })[Symbol.asyncIterator]();
  expect(await stream.next()).toMatchObject({ value: { kind: 'listening' } });
  const next = stream.next();
  await host.close();
  await expect(next).rejects.toMatchObject({ kind: 'connectionClosed' });
});
