import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import type { Limits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import { cites } from '../../requirements.js';
import { type Asked, discovered, failureOf, scriptedModern, type Scripted } from './scripted.js';

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const cursorOf = ({ params }: Asked): unknown => params?.['cursor'];

async function clientOf(
  page: (asked: Asked, server: Scripted) => object | undefined,
  limits: Partial<Limits> = {},
) {
  const server = scriptedModern((asked, self) => {
    const given = page(asked, self);
    if (given !== undefined) self.result(asked, { ...discovered, ...given });
  });
  const client = await connect(server.pipe, { platform: manualPlatform(), limits });
  const cursors = (): readonly unknown[] => server.seen.slice(1).map(cursorOf);
  return { client, cursors };
}

cites('paging/empty-cursor', 'paging/end');
test('pages are read to the end, an empty cursor among them', async () => {
  const { client, cursors } = await clientOf((asked) => {
    const cursor = cursorOf(asked);
    if (cursor === undefined) return { tools: [tool('a')], nextCursor: '' };
    if (cursor === '') return { tools: [], nextCursor: 'c' };
    return { tools: [tool('b')] };
  });
  expect((await client.listTools()).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(cursors()).toEqual([undefined, '', 'c']);
});

test('a server without end is left after so many pages', async () => {
  let pages = 0;
  const { client, cursors } = await clientOf(
    () => ({ tools: [tool('a')], nextCursor: String(++pages) }),
    { pagesMax: 3 },
  );
  expect(await failureOf(client.listTools())).toMatchObject({
    kind: 'badResponse',
    message: expect.stringContaining('more than 3 pages'),
  });
  expect(cursors()).toHaveLength(3);
});

test('exactly so many pages are read', async () => {
  const { client } = await clientOf(
    (asked) => ({ tools: [], ...(cursorOf(asked) === '2' ? {} : { nextCursor: next(asked) }) }),
    { pagesMax: 3 },
  );
  const next = (asked: Asked): string => (cursorOf(asked) === '1' ? '2' : '1');
  expect(await client.listTools()).toEqual([]);
});

test('a cursor that comes again is the beginning of a circle', async () => {
  const same = await clientOf(() => ({ tools: [], nextCursor: 'same' }));
  expect(await failureOf(same.client.listTools())).toMatchObject({
    kind: 'badResponse',
    message: expect.stringContaining('read already'),
  });
  expect(same.cursors()).toEqual([undefined, 'same']);
  const circle = await clientOf((asked) => ({
    tools: [],
    nextCursor: cursorOf(asked) === 'b' ? 'a' : cursorOf(asked) === 'a' ? 'b' : 'a',
  }));
  expect(await failureOf(circle.client.listTools())).toMatchObject({ kind: 'badResponse' });
  expect(circle.cursors()).toEqual([undefined, 'a', 'b']);
});

test('so many items are collected and no more', async () => {
  const tools = [tool('a'), tool('b')];
  const list = async (listedItemsMax: number): Promise<unknown> => {
    const { client } = await clientOf(
      (asked) => ({ tools, ...(cursorOf(asked) === undefined ? { nextCursor: '1' } : {}) }),
      { listedItemsMax },
    );
    return failureOf(client.listTools());
  };
  expect(await list(4)).toMatchObject({ noFailure: { length: 4 } });
  expect(await list(3)).toMatchObject({ message: expect.stringContaining('over 3 items') });
});

test('a cursor that leads nowhere begins the list anew, once', async () => {
  const { client, cursors } = await clientOf((asked, { error }) => {
    if (cursorOf(asked) === undefined) return { tools: [tool('a')], nextCursor: 'gone' };
    error(asked, -32602);
    return undefined;
  });
  expect(await failureOf(client.listTools())).toMatchObject({ kind: 'invalidParams' });
  expect(cursors()).toEqual([undefined, 'gone', undefined, 'gone']);
});

test('a list that is refused from the start is not asked for twice', async () => {
  const { client, cursors } = await clientOf((asked, { error }) => {
    error(asked, -32602);
    return undefined;
  });
  expect(await failureOf(client.listTools())).toMatchObject({ kind: 'invalidParams' });
  expect(cursors()).toHaveLength(1);
});
