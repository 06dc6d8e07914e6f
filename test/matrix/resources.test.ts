import { expect } from 'vitest';
import { McpError, text } from '../../src/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

cites('resources/text-or-blob');
matrix('resources are listed and read: text, bytes, contents', async ({ server, connect }) => {
  server.resource('test://text', { name: 'Text', mimeType: 'text/plain', size: 5 }, () => 'hello');
  server.resource('test://bytes', { mimeType: 'image/png' }, () => Uint8Array.of(0, 255, 16));
  server.resource('test://both', {}, () => [
    { uri: 'test://both/1', text: '1' },
    { uri: 'test://both/2', text: '2', mimeType: 'text/html' },
  ]);
  const client = await connect();
  expect(await client.listResources()).toEqual([
    { uri: 'test://text', name: 'Text', mimeType: 'text/plain', size: 5 },
    { uri: 'test://bytes', name: 'test://bytes', mimeType: 'image/png' },
    { uri: 'test://both', name: 'test://both' },
  ]);
  const read = async (uri: string): Promise<unknown> => (await client.readResource(uri)).contents;
  expect(await read('test://text')).toEqual([
    { uri: 'test://text', mimeType: 'text/plain', text: 'hello' },
  ]);
  expect(await read('test://bytes')).toEqual([
    { uri: 'test://bytes', mimeType: 'image/png', blob: 'AP8Q' },
  ]);
  expect(await read('test://both')).toEqual([
    { uri: 'test://both/1', text: '1' },
    { uri: 'test://both/2', text: '2', mimeType: 'text/html' },
  ]);
});

cites('resources/templates');
matrix('a template serves every URI that it matches', async ({ server, connect }) => {
  const seen: unknown[] = [];
  server.resource('test://user/{id}', { name: 'user' }, ({ uri, variables }) => {
    seen.push([uri, variables['id']]);
    return variables['id'] === 'nobody' ? undefined : `user ${String(variables['id'])}`;
  });
  server.resource('test://user/me', {}, () => 'myself');
  const client = await connect();
  expect(await client.listResourceTemplates()).toEqual([
    { uriTemplate: 'test://user/{id}', name: 'user' },
  ]);
  expect(await client.readResource('test://user/a%20b')).toMatchObject({
    contents: [{ text: 'user a b' }],
  });
  expect(await client.readResource('test://user/me')).toMatchObject({
    contents: [{ text: 'myself' }],
  });
  expect(seen).toEqual([['test://user/a%20b', 'a b']]);
  await expect(client.readResource('test://user/nobody')).rejects.toMatchObject({
    data: { uri: 'test://user/nobody' },
  });
});

cites('rpc/retired-codes', 'resources/missing', 'resources/missing-modern', 'resources/not-empty');
matrix('a resource that is not there has the code of its era', async (stage) => {
  stage.server.resource('test://a', {}, () => undefined);
  const client = await stage.connect();
  for (const uri of ['test://a', 'test://b']) {
    await expect(client.readResource(uri)).rejects.toMatchObject({
      code: stage.era === 'modern' ? -32602 : -32002,
      message: 'Resource not found',
      data: { uri },
      fromPeer: true,
    });
  }
});

cites('prompts/listed', 'prompts/unknown', 'prompts/missing-argument', 'prompts/checked');
matrix('prompts are listed and made', async ({ server, connect }) => {
  const input = {
    type: 'object',
    properties: { code: { type: 'string', description: 'What to review' }, style: {} },
    required: ['code'],
  };
  server.prompt(
    'review',
    { description: 'Reviews', input },
    ({ code }) => `Review ${String(code)}`,
  );
  server.prompt('talk', {}, () => ({
    description: 'A talk',
    messages: [
      { role: 'user', content: text('Hi') },
      { role: 'assistant', content: text('Hello') },
    ],
  }));
  const client = await connect();
  expect(await client.listPrompts()).toEqual([
    {
      name: 'review',
      description: 'Reviews',
      arguments: [
        { name: 'code', description: 'What to review', required: true },
        { name: 'style', required: false },
      ],
    },
    { name: 'talk' },
  ]);
  expect(await client.getPrompt('review', { code: 'x' })).toMatchObject({
    description: 'Reviews',
    messages: [{ role: 'user', content: text('Review x') }],
  });
  expect(await client.getPrompt('talk')).toMatchObject({
    description: 'A talk',
    messages: [{ role: 'user' }, { role: 'assistant', content: text('Hello') }],
  });
  const invalid = { code: -32602, fromPeer: true };
  await expect(client.getPrompt('review')).rejects.toMatchObject(invalid);
  await expect(client.getPrompt('nothing')).rejects.toMatchObject(invalid);
});

cites('completion/hundred', 'completion/more', 'completion/context');
matrix('arguments of prompts and templates are completed', async ({ server, connect }) => {
  const words = Array.from({ length: 250 }, (_, n) => `word${n}`);
  const word = (value: string): string[] => words.filter((one) => one.startsWith(value));
  server.prompt(
    'say',
    { complete: { word, twice: (value, others) => [value + others['word']] } },
    () => '',
  );
  server.resource('test://{word}', { complete: { word } }, () => '');
  const client = await connect();
  const prompt = { type: 'ref/prompt', name: 'say' } as const;
  const resource = { type: 'ref/resource', uri: 'test://{word}' } as const;
  expect(
    await client.complete({ ref: prompt, argument: { name: 'word', value: 'word24' } }),
  ).toMatchObject({ values: word('word24'), total: 11, hasMore: false });
  const many = await client.complete({ ref: resource, argument: { name: 'word', value: '' } });
  expect(many.values).toHaveLength(100);
  expect(many).toMatchObject({ total: 250, hasMore: true });
  const context = { arguments: { word: '-b' } };
  const twice = { ref: prompt, argument: { name: 'twice', value: 'a' }, context };
  expect((await client.complete(twice)).values).toEqual(['a-b']);
  const none = { ref: prompt, argument: { name: 'none', value: 'a' } };
  expect((await client.complete(none)).values).toEqual([]);
});

const smallPages = { server: { limits: { pageItemsMax: 3 } } } as const;

cites('paging/cursor', 'paging/opaque', 'paging/end');
matrix('lists are followed over all their pages', smallPages, async (stage) => {
  const { server, connect, wire } = stage;
  for (let n = 0; n < 10; n++) {
    server.tool(`t${n}`, {}, () => '');
    server.prompt(`p${n}`, {}, () => '');
    server.resource(`test://r${n}`, {}, () => '');
    server.resource(`test://r${n}/{x}`, {}, () => '');
  }
  const client = await connect();
  const numbers = Array.from({ length: 10 }, (_, n) => n);
  const names = async (list: Promise<readonly { name: string }[]>): Promise<string[]> =>
    (await list).map(({ name }) => name);
  expect(await names(client.listTools())).toEqual(numbers.map((n) => `t${n}`));
  expect(await names(client.listPrompts())).toEqual(numbers.map((n) => `p${n}`));
  expect(await names(client.listResources())).toEqual(numbers.map((n) => `test://r${n}`));
  expect(await names(client.listResourceTemplates())).toHaveLength(10);
  expect(wire.messages('client', 'tools/list')).toHaveLength(4);
});

cites('paging/invalid');
matrix('a cursor that was not handed out is refused', smallPages, async ({ server, connect }) => {
  for (let n = 0; n < 4; n++) server.tool(`t${n}`, {}, () => '');
  const client = await connect();
  const { nextCursor } = await client.request('tools/list');
  expect(nextCursor).toEqual(expect.any(String));
  for (const cursor of ['', 'nonsense', `${String(nextCursor)}x`]) {
    await expect(client.request('tools/list', { cursor })).rejects.toMatchObject({ code: -32602 });
  }
  expect(await client.request('tools/list', { cursor: nextCursor })).toMatchObject({
    tools: [{ name: 't3' }],
  });
});

matrix('a list that never ends is given up', smallPages, async ({ server, connect }) => {
  for (let n = 0; n < 9; n++) server.tool(`t${n}`, {}, () => '');
  const few = await connect({ limits: { pagesMax: 2 } });
  await expect(few.listTools()).rejects.toMatchObject({ kind: 'badResponse', fromPeer: false });
  const enough = await connect({ limits: { pagesMax: 3 } });
  expect(await enough.listTools()).toHaveLength(9);
});

cites('paging/stable');
matrix('a page survives what is added, and drops what is removed', smallPages, async (stage) => {
  const { server, connect } = stage;
  const tools = [0, 1, 2, 3, 4].map((n) => server.tool(`t${n}`, {}, () => ''));
  const client = await connect();
  const { nextCursor: cursor } = await client.request('tools/list');
  server.tool('t5', {}, () => '');
  tools[3]?.remove();
  expect(await client.request('tools/list', { cursor })).toMatchObject({
    tools: [{ name: 't4' }, { name: 't5' }],
  });
  tools[2]?.remove();
  const gone = client.request('tools/list', { cursor });
  await expect(gone).rejects.toBeInstanceOf(McpError);
});
