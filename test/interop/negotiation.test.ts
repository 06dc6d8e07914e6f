/** Which revision we and the official SDKs agree on when nobody insists, and how we part. */
import type { ChildProcess } from 'node:child_process';
import {
  StreamableHTTPClientTransport as V2Http,
  type Transport as V2Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as V1StdioClient } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as V1Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, test } from 'vitest';
import type { InteropClient } from './clients/interop-client.js';
import { connectOurs } from './clients/ours.js';
import { connectV1 } from './clients/v1.js';
import { connectV2, v2Stdio } from './clients/v2.js';
import { commandOf, type Side } from './columns.js';
import type { Host } from './hosts/host.js';
import { hostOurs } from './hosts/ours.js';
import { hostV1, hostV1Json, hostV1Sse } from './hosts/v1.js';
import { hostV2 } from './hosts/v2.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function hosted(host: Promise<Host>): Promise<string> {
  const { url, close } = await host;
  closers.push(close);
  return url;
}

async function connected(connecting: Promise<InteropClient>): Promise<InteropClient> {
  const client = await connecting;
  closers.push(() => client.close());
  return client;
}

function program(server: Side): { command: string; args: string[] } {
  const [command, ...args] = commandOf(server);
  return { command, args };
}

describe('our client, told nothing', () => {
  test.each([
    ['v1, stdio', '2025-11-25', () => program('v1')],
    ['v1, http', '2025-11-25', () => hosted(hostV1())],
    ['v1, http without sessions', '2025-11-25', () => hosted(hostV1Json())],
    ['v1, sse', '2025-11-25', () => hosted(hostV1Sse())],
    ['v2, stdio', '2026-07-28', () => program('v2')],
    ['v2, http', '2026-07-28', () => hosted(hostV2())],
  ] as const)('agrees with %s on %s', async (_server, revision, target) => {
    const client = await connected(connectOurs(await target()));
    expect(client.protocolVersion).toBe(revision);
    expect((await client.call('add', { a: 1, b: 2 })).structuredContent).toEqual({ sum: 3 });
  });
});

describe('our client, told to speak 2026-07-28 only', () => {
  test.each([
    ['stdio', () => program('v1')],
    ['http', () => hosted(hostV1())],
  ] as const)('refuses v1 over %s', async (_carrier, target) => {
    const connecting = connectOurs(await target(), { era: 'modern' });
    await expect(connecting).rejects.toMatchObject({ name: 'McpError' });
  });
});

describe('the client of v2, told to choose', () => {
  test.each([
    ['stdio', () => Promise.resolve(v2Stdio(commandOf('ours')))],
    ['http', async () => new V2Http(new URL(await hosted(hostOurs())))],
  ] as const)('agrees with ours on 2026-07-28 over %s', async (_carrier, transport) => {
    const chosen: V2Transport = await transport();
    const client = await connected(connectV2(chosen, 'auto'));
    expect(client.protocolVersion).toBe('2026-07-28');
    expect((await client.call('add', { a: 1, b: 2 })).structuredContent).toEqual({ sum: 3 });
  });
});

describe.each([
  ['2024-11-05', undefined],
  ['2025-03-26', undefined],
  ['2025-06-18', { sum: 3 }],
  ['2025-11-25', { sum: 3 }],
] as const)('%s', (revision, structured) => {
  const text = [{ type: 'text', text: '{"sum":3}' }];

  test('is what ours speaks to a client of v2 that knows nothing else', async () => {
    const url = new URL(await hosted(hostOurs()));
    const client = await connected(connectV2(new V2Http(url), 'legacy', [revision]));
    expect(client.protocolVersion).toBe(revision);
    const answer = await client.call('add', { a: 1, b: 2 });
    expect(answer.content).toEqual(text);
    // Structured content came with 2025-06-18.
    expect(answer.structuredContent).toEqual(structured);
  });

  test('is what ours speaks to a server of v2 that knows nothing else', async () => {
    const url = await hosted(hostV2({ revisions: [revision] }));
    const client = await connected(connectOurs(url, { era: 'legacy' }));
    expect(client.protocolVersion).toBe(revision);
    expect((await client.call('add', { a: 1, b: 2 })).content).toEqual(text);
    client.answers.form = () => ({ action: 'accept', content: { name: 'Ada', color: 'red' } });
    expect((await client.call('ask_form')).content).toMatchObject([{ text: 'Ada likes red' }]);
  });
});

test('one endpoint of ours serves clients of every kind at once', async () => {
  const url = new URL(await hosted(hostOurs()));
  const clients = await Promise.all([
    connected(connectV1(new V1Http(url))),
    connected(connectV2(new V2Http(url), 'legacy')),
    connected(connectV2(new V2Http(url), { pin: '2026-07-28' })),
    connected(connectOurs(url, { era: 'legacy' })),
    connected(connectOurs(url)),
  ]);
  const answers = await Promise.all(clients.map((client, a) => client.call('add', { a, b: 10 })));
  const sums = answers.map(({ structuredContent }) => structuredContent);
  expect(sums).toEqual([10, 11, 12, 13, 14].map((sum) => ({ sum })));
});

describe('a program ends by itself when its client leaves', () => {
  test('ours, left by v1', async () => {
    const { command, args } = program('ours');
    const transport = new V1StdioClient({ command, args, stderr: 'ignore' });
    const client = await connectV1(transport);
    const child = transport['_process'] as ChildProcess;
    const exited = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    await client.close();
    expect(await exited).toEqual([0, null]);
  });

  test.each(['v1', 'v2'] as const)('%s, left by ours', async (server) => {
    const { command, args } = program(server);
    // Said on the way out, which a process that is killed does not do.
    const farewell = 'data:text/javascript,process.on("exit",(code)=>console.error("exit",code))';
    const heard: string[] = [];
    const client = await connectOurs({
      command,
      args: ['--import', farewell, ...args],
      stderr: (line) => heard.push(line),
    });
    await client.ping();
    await client.close();
    await expect.poll(() => heard).toContain('exit 0');
  });
});
