import { expect } from 'vitest';
import type { Change } from '../../src/client/index.js';
import type { Client } from '../../src/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

/** Listens, and resolves once the server does; then `next` waits for one change each. */
async function listen(
  client: Client,
  filter: Parameters<Client['listen']>[0],
): Promise<{ filter: unknown; next: () => Promise<Change>; stop: () => Promise<void> }> {
  const changes = client.listen(filter)[Symbol.asyncIterator]();
  const next = async (): Promise<Change> => {
    const { value, done } = await changes.next();
    if (done === true) throw new Error('The listening is over');
    return value;
  };
  const first = await next();
  if (first.kind !== 'listening') throw new Error(`${first.kind} came first`);
  return { filter: first.filter, next, stop: async () => void (await changes.return?.()) };
}

cites('notices/list-changed');
matrix('tools come, change and go, and clients are told', async ({ server, connect }) => {
  server.tool('first', {}, () => '1');
  const client = await connect();
  const { next, filter, stop } = await listen(client, { tools: true });
  expect(filter).toEqual({ toolsListChanged: true });
  const second = server.tool('second', {}, () => '2');
  expect(await next()).toEqual({ kind: 'tools' });
  expect(await client.listTools()).toHaveLength(2);
  expect((await client.callTool('second')).content).toMatchObject([{ text: '2' }]);
  second.update({ description: 'The second' });
  expect(await next()).toEqual({ kind: 'tools' });
  expect(await client.listTools()).toMatchObject([{}, { description: 'The second' }]);
  second.remove();
  expect(await next()).toEqual({ kind: 'tools' });
  expect(await client.listTools()).toMatchObject([{ name: 'first' }]);
  await expect(client.callTool('second')).rejects.toMatchObject({ code: -32602 });
  await stop();
});

matrix('prompts and resources, too', async ({ server, connect }) => {
  server.prompt('a', {}, () => '');
  server.resource('test://a', {}, () => '');
  const client = await connect();
  const { next, stop } = await listen(client, { prompts: true, resources: true });
  server.prompt('b', {}, () => '');
  expect(await next()).toEqual({ kind: 'prompts' });
  server.resource('test://b', {}, () => '');
  expect(await next()).toEqual({ kind: 'resources' });
  server.resource('test://{c}', {}, () => '');
  expect(await next()).toEqual({ kind: 'resources' });
  await stop();
});

cites('listen/only-asked', 'notices/subscribed-only', 'notices/unsubscribed');
matrix('only what was asked for is told', async ({ server, connect, wire }) => {
  server.tool('a', {}, () => '');
  server.resource('test://a', {}, () => '');
  server.resource('test://b', {}, () => '');
  const client = await connect();
  const { next, stop } = await listen(client, { uris: ['test://a'] });
  server.resourceUpdated('test://b');
  server.resourceUpdated('test://a');
  expect(await next()).toEqual({ kind: 'resource', uri: 'test://a' });
  await stop();
  await client.ping();
  server.resourceUpdated('test://a');
  await client.ping();
  const updates = wire.messages('server', 'notifications/resources/updated');
  expect(updates.map(({ params }) => (params as { uri: string }).uri)).toEqual(['test://a']);
});

cites('listen/honoured-subset');
matrix('what the server does not offer is left out', async ({ server, connect }) => {
  server.tool('a', {}, () => '');
  const client = await connect();
  const { filter, stop } = await listen(client, {
    tools: true,
    prompts: true,
    resources: true,
    uris: ['test://a'],
  });
  expect(filter).toEqual({ toolsListChanged: true });
  await stop();
});

cites('listen/several');
matrix('many who listen are all told', async ({ server, connect }) => {
  server.tool('a', {}, () => '');
  const clients = await Promise.all([connect(), connect()]);
  const listeners = await Promise.all(
    [...clients, ...clients].map((client) => listen(client, { tools: true })),
  );
  server.tool('b', {}, () => '');
  expect(await Promise.all(listeners.map(({ next }) => next()))).toEqual(
    listeners.map(() => ({ kind: 'tools' })),
  );
  await Promise.all(listeners.map(({ stop }) => stop()));
});

matrix('listening does not stand in the way of calls', async ({ server, connect, clock }) => {
  server.tool('a', {}, () => 'a');
  const client = await connect();
  const { next, stop } = await listen(client, { tools: true });
  // Neither the client's timeout nor the server's ends what lives long.
  await clock.advance(3 * 60 * 60 * 1000);
  expect((await client.callTool('a')).content).toMatchObject([{ text: 'a' }]);
  server.tool('b', {}, () => '');
  expect(await next()).toEqual({ kind: 'tools' });
  await stop();
});

matrix('closing the client ends its listening', async ({ server, connect }) => {
  server.tool('a', {}, () => '');
  const client = await connect();
  const { next } = await listen(client, { tools: true });
  const ended = expect(next()).rejects.toThrow('The connection was closed');
  await client.close();
  await ended;
});

cites('listen/server-ends');
matrix('a server that closes says so to those who listen', async (stage) => {
  const { server, connect, host, wire, era } = stage;
  server.tool('a', {}, () => '');
  const client = await connect();
  const { next } = await listen(client, { tools: true });
  const ended = next().catch((thrown: unknown) => thrown);
  await host.close();
  if (era === 'legacy') return;
  await ended;
  const results = wire.messages('server').filter(({ result }) => result !== undefined);
  const [listening] = wire.messages('client', 'subscriptions/listen');
  expect(results.at(-1)).toMatchObject({
    id: listening?.['id'],
    result: { resultType: 'complete' },
  });
});

const twoListens = { eras: ['modern'], host: { limits: { listensPerPeerMax: 2 } } } as const;

matrix('only so many may listen on one pipe', twoListens, async ({ server, connect, host }) => {
  if (host.pipe === undefined) return;
  server.tool('a', {}, () => '');
  const client = await connect();
  const first = await listen(client, { tools: true });
  const second = await listen(client, { tools: true });
  await expect(listen(client, { tools: true })).rejects.toMatchObject({ code: 429 });
  await first.stop();
  await client.ping();
  const third = await listen(client, { tools: true });
  await Promise.all([second.stop(), third.stop()]);
});
