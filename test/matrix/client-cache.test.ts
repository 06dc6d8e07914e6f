import { expect } from 'vitest';
import { matrix } from './matrix.js';

const minute = { server: { cache: { ttlMs: 60_000 } } } as const;

matrix('lists are kept as long as the server says', minute, async (stage) => {
  const { server, connect, wire, era, clock } = stage;
  server.tool('a', {}, () => 'a');
  const client = await connect();
  const asked = (): number => wire.messages('client', 'tools/list').length;
  const first = await client.listTools();
  expect(await client.listTools()).toEqual(first);
  // Sessions have no words for it, so there each list is asked for.
  expect(asked()).toBe(era === 'modern' ? 1 : 2);
  await clock.advance(60_000);
  const before = asked();
  await client.listTools();
  expect(asked()).toBe(before + 1);
});

matrix('whoever listens never sees a list that is known to be old', minute, async (stage) => {
  const { server, connect } = stage;
  server.tool('a', {}, () => 'a');
  const client = await connect();
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  expect(await client.listTools()).toHaveLength(1);
  server.tool('b', {}, () => 'b');
  await changes.next();
  expect(await client.listTools()).toHaveLength(2);
  await changes.return?.();
});

matrix('by default nothing is kept', async ({ server, connect, wire }) => {
  server.tool('a', {}, () => 'a');
  server.resource('test://a', {}, () => 'a');
  const client = await connect();
  for (let times = 1; times <= 2; times++) {
    await client.listTools();
    await client.readResource('test://a');
    expect(wire.messages('client', 'tools/list')).toHaveLength(times);
    expect(wire.messages('client', 'resources/read')).toHaveLength(times);
  }
});

matrix('a header that a kept list knows nothing of is found out', minute, async (stage) => {
  const { server, connect, wire, era, host } = stage;
  const property = (more: object) => ({
    type: 'object',
    properties: { region: { type: 'string', ...more } },
  });
  const tool = server.tool('a', { input: property({}) }, () => 'a');
  const client = await connect();
  await client.listTools();
  tool.update({ input: property({ 'x-mcp-header': 'Region' }) });
  expect((await client.callTool('a', { region: 'eu' })).content).toMatchObject([{ text: 'a' }]);
  const isMirrored = era === 'modern' && host.url !== undefined;
  expect(wire.messages('client', 'tools/list')).toHaveLength(isMirrored ? 2 : 1);
});
