/** Rules of tools, resources, prompts and completion. */
import { expect } from 'vitest';
import * as z from 'zod';
import { audio, embedded, image, resourceLink, text, toolResult } from '../../src/index.js';
import { legacyRevisions } from '../../src/protocol/revisions.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

const modern = { eras: ['modern'] } as const;

cites('tools/name', 'tools/name-unique');
matrix('a tool has a name of its own, of few characters', async ({ server, connect }) => {
  for (const name of ['', 'a b', 'ä', 'a/b', 'a'.repeat(129)]) {
    expect(() => server.tool(name, {}, () => ''), name).toThrow(TypeError);
  }
  for (const name of ['a', 'A', 'a_b.c-9', 'b'.repeat(128)]) server.tool(name, {}, () => name);
  expect(() => server.tool('a', {}, () => 'again')).toThrow('already');
  const tools = await (await connect()).listTools();
  expect(tools.map(({ name }) => name)).toEqual(['a', 'A', 'a_b.c-9', 'b'.repeat(128)]);
});

cites('tools/structured-any');
matrix('any JSON is structured content, and comes as text', modern, async (stage) => {
  const { server, connect } = stage;
  const values = [[1, 2], 'text', 7, false, null, { a: [] }];
  server.tool('any', { input: z.object({ n: z.number() }) }, ({ n }) =>
    toolResult({ structured: values[n] }),
  );
  const client = await connect();
  for (const [n, value] of values.entries()) {
    expect(await client.callTool('any', { n })).toMatchObject({
      structuredContent: value,
      content: [text(JSON.stringify(value))],
    });
  }
});

const older = { revisions: ['2025-11-25', '2025-06-18'] } as const;

cites('tools/structured-object');
matrix('older clients get structured content only as an object', older, async (stage) => {
  const { server, connect } = stage;
  server.tool('list', {}, () => toolResult({ structured: [1, 2] }));
  server.tool('object', {}, () => toolResult({ structured: { a: 1 } }));
  const client = await connect();
  const { structuredContent, content } = await client.callTool('list');
  expect(Array.isArray(structuredContent)).toBe(false);
  expect(content).toEqual([text('[1,2]')]);
  expect(await client.callTool('object')).toMatchObject({ structuredContent: { a: 1 } });
});

cites('tools/order', 'tools/not-per-connection');
matrix('a list is the same for everybody, at any time', modern, async ({ server, connect }) => {
  for (const name of ['c', 'a', 'b']) server.tool(name, {}, () => name);
  const names = async (client: Awaited<ReturnType<typeof connect>>): Promise<readonly string[]> =>
    (await client.listTools()).map(({ name }) => name);
  const one = await connect({ client: { name: 'one', version: '1' } });
  const first = await names(one);
  await one.callTool('b');
  const two = await connect({ client: { name: 'two', version: '1' }, answers: { roots: [] } });
  expect([await names(one), await names(two)]).toEqual([first, first]);
});

const everyKind = [
  text('a'),
  image('AAAA', 'image/png'),
  audio('AAAA', 'audio/wav'),
  resourceLink({ uri: 'test://a', name: 'a' }),
  embedded({ uri: 'test://b', text: 'b' }),
];
const annotated = {
  ...text('for the user'),
  annotations: { audience: ['user'], priority: 0.5, lastModified: '2026-07-28T00:00:00Z' },
} as const;
const since2025June = { revisions: ['2026-07-28', '2025-11-25', '2025-06-18'] } as const;

cites('content/blocks', 'content/audio', 'content/links', 'content/annotations');
matrix('every kind of content arrives', since2025June, async ({ server, connect }) => {
  const blocks = [...everyKind, annotated];
  server.tool('show', {}, () => blocks);
  server.prompt('show', {}, () => ({
    messages: blocks.map((content) => ({ role: 'user' as const, content })),
  }));
  const client = await connect();
  expect((await client.callTool('show')).content).toEqual(blocks);
  expect((await client.getPrompt('show')).messages.map(({ content }) => content)).toEqual(blocks);
});

const oldest = { revisions: ['2025-03-26', '2024-11-05'] } as const;

cites('content/older-shape', 'content/blocks');
matrix('kinds that a client does not know come as text', oldest, async (stage) => {
  const { server, connect, revision } = stage;
  server.tool('show', {}, () => everyKind);
  const { content } = await (await connect()).callTool('show');
  const kinds = content.map(({ type }) => type);
  const sound = revision === '2024-11-05' ? 'text' : 'audio';
  expect(kinds).toEqual(['text', 'image', sound, 'text', 'resource']);
});

const everySession = { eras: ['legacy'], revisions: legacyRevisions } as const;

cites('tools/older-shape', 'notices/not-stateless');
matrix('nothing is sent that the revision does not know', everySession, async (stage) => {
  const { server, connect, revision, wire } = stage;
  const icons = [{ src: 'https://example.com/a.png' }];
  const annotations = { readOnlyHint: true };
  const options = { title: 'A', icons, annotations, output: z.object({ a: z.number() }) };
  server.tool('a', options, () => ({ a: 1 }));
  server.resource('test://a', { title: 'A', icons }, () => 'a');
  const client = await connect();
  const members = [...(await client.listTools()), ...(await client.listResources())].flatMap(
    (item) => Object.keys(item),
  );
  const known = (member: string, from: string): void =>
    expect(members.includes(member), member).toBe(revision >= from);
  known('annotations', '2025-03-26');
  known('title', '2025-06-18');
  known('outputSchema', '2025-06-18');
  known('icons', '2025-11-25');
  await client.callTool('a');
  await client.readResource('test://a');
  const said = wire.text('server');
  for (const word of ['resultType', 'ttlMs', 'cacheScope', 'io.modelcontextprotocol/serverInfo']) {
    expect(said).not.toContain(word);
  }
});

cites('resources/both-codes');
matrix('a missing resource is known by either code', async ({ server, connect }) => {
  server.resource('test://a', {}, () => undefined);
  const client = await connect();
  await expect(client.readResource('test://a')).rejects.toMatchObject({
    kind: 'resourceNotFound',
  });
});

cites('completion/unknown');
matrix('there is nothing to complete for what is not there', async ({ server, connect }) => {
  server.prompt('p', { complete: { a: () => ['a'] } }, () => '');
  server.resource('test://{b}', { complete: { b: () => ['b'] } }, () => '');
  const client = await connect();
  const argument = { name: 'a', value: '' };
  for (const ref of [
    { type: 'ref/prompt', name: 'nobody' },
    { type: 'ref/resource', uri: 'test://nowhere' },
  ] as const) {
    await expect(client.complete({ ref, argument })).rejects.toMatchObject({ code: -32602 });
  }
});
