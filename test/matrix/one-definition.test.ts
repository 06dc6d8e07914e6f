import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createServer, type Client, text } from '../../src/index.js';
import { cellsOf } from '../../src/testing/matrix.js';
import { type Host, hostServer, manualPlatform } from '../../src/testing/index.js';

const platform = manualPlatform();
const server = createServer({ name: 'one', version: '1.0.0', platform });
let calls = 0;
server.tool('count', {}, () => String(++calls));
server.tool('greet', { input: z.object({ polite: z.boolean() }) }, async ({ polite }, call) => {
  await call.progress(1);
  const { name } = await call.ask.form('who', 'Name?', z.object({ name: z.string() }));
  return polite ? `Good day, ${name}` : `hi ${name}`;
});
server.resource('test://a', {}, () => 'a');

const hosts = new Map<string, Host>();
const clients: Client[] = [];

beforeAll(async () => {
  for (const { transport, era, revision } of cellsOf()) {
    let host = hosts.get(transport);
    if (host === undefined) {
      hosts.set(transport, (host = await hostServer(transport, server, { platform })));
    }
    const speaking = era === 'modern' || revision === '2026-07-28' ? {} : { revision };
    const options = { era, ...speaking, answers: { form: () => ({ name: 'Ann' }) } };
    clients.push(await host.connect(options));
  }
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all([...hosts.values()].map((host) => host.close()));
  expect(platform.clock.waiting).toBe(0);
});

describe('one definition, on every transport and in both eras at the same time', () => {
  test('all clients call the same tools', async () => {
    await Promise.all(clients.map((client) => client.callTool('count')));
    expect(calls).toBe(clients.length);
  });

  test('the results are identical, in every cell', async () => {
    const results = await Promise.all(
      clients.map(async (client) => {
        const progress: unknown[] = [];
        const onProgress = ({ done }: { done: number }): void => void progress.push(done);
        const { content } = await client.callTool('greet', { polite: true }, { onProgress });
        return { content, progress };
      }),
    );
    const expected = { content: [text('Good day, Ann')], progress: [1] };
    expect(results).toEqual(clients.map(() => expected));
  });

  test('all who watch are told', async () => {
    const watching = clients.map((client) =>
      client.listen({ uris: ['test://a'] })[Symbol.asyncIterator](),
    );
    await Promise.all(watching.map((changes) => changes.next()));
    server.resourceUpdated('test://a');
    const told = await Promise.all(watching.map((changes) => changes.next()));
    expect(told.map(({ value }) => value as unknown)).toEqual(
      clients.map(() => ({ kind: 'resource', uri: 'test://a' })),
    );
    for (const changes of watching) await changes.return?.();
  });
});
