import { afterEach, expect, test, vi } from 'vitest';
import { connect } from '../../../src/connect.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import { cites } from '../../requirements.js';
import { discovered, failureOf, scriptedModern } from './scripted.js';

afterEach(() => void vi.unstubAllGlobals());

const sum = { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] };

/** A client of a server whose tool `t` has this output schema and returns this. */
async function clientOf(outputSchema: unknown, returned: object) {
  const warnings: string[] = [];
  let schema = outputSchema;
  const server = scriptedModern((asked, { result }) => {
    const tool = { name: 't', inputSchema: { type: 'object' }, outputSchema: schema };
    const tools = schema === 'gone' ? [] : [tool];
    if (asked.method === 'tools/list') result(asked, { ...discovered, tools });
    else result(asked, { resultType: 'complete', content: [], ...returned });
  });
  const platform = manualPlatform();
  const client = await connect(server.pipe, {
    platform,
    onWarning: (warning) => warnings.push(warning),
  });
  return { client, warnings, change: (next: unknown) => void (schema = next) };
}

test.each([
  [sum, { sum: 1 }],
  [sum, { sum: 1, more: true }],
  [{ type: 'array', items: { type: 'integer' } }, [1, 2]],
  [{ type: 'null' }, null],
  [{ $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }, ['a', 1]],
])('what fits %j comes through', async (schema, structuredContent) => {
  const { client, warnings } = await clientOf(schema, { structuredContent });
  await client.listTools();
  await expect(client.callTool('t')).resolves.toMatchObject({ structuredContent });
  expect(warnings).toEqual([]);
});

test.each([
  { what: 'another type', structured: { sum: '1' }, problem: '/sum must be a number' },
  { what: 'a member missing', structured: {}, problem: 'sum' },
  { what: 'no object', structured: [1], problem: 'it must be an object' },
  { what: 'nothing', structured: undefined, problem: 'there is none' },
])('$what is a bad response that says where', async ({ structured, problem }) => {
  const { client } = await clientOf(sum, { structuredContent: structured });
  await client.listTools();
  expect(await failureOf(client.callTool('t'))).toMatchObject({
    kind: 'badResponse',
    message: expect.stringContaining(problem),
  });
});

cites('tools/output-checked');
test('the path leads all the way down', async () => {
  const schema = { properties: { rows: { items: sum } } };
  const structuredContent = { rows: [{ sum: 1 }, { sum: null }] };
  const { client } = await clientOf(schema, { structuredContent });
  await client.listTools();
  const failure = await failureOf(client.callTool('t'));
  expect(failure).toMatchObject({ message: expect.stringContaining('/rows/1/sum must be') });
});

test('a tool that failed need not say so in its schema', async () => {
  const returned = { isError: true, content: [{ type: 'text', text: 'no' }] };
  const { client } = await clientOf(sum, returned);
  await client.listTools();
  await expect(client.callTool('t')).resolves.toMatchObject({ isError: true });
});

test('a tool that was not listed is not held to anything', async () => {
  const { client } = await clientOf(sum, { structuredContent: {} });
  await expect(client.callTool('t')).resolves.toMatchObject({ structuredContent: {} });
});

test('the newest list counts', async () => {
  const { client, change } = await clientOf(sum, { structuredContent: {} });
  await client.listTools();
  expect(await failureOf(client.callTool('t'))).toMatchObject({ kind: 'badResponse' });
  change({ type: 'object' });
  await client.listTools();
  await expect(client.callTool('t')).resolves.toMatchObject({ structuredContent: {} });
  for (const next of [undefined, sum, 'gone']) {
    change(next);
    await client.listTools();
  }
  await expect(client.callTool('t')).resolves.toMatchObject({ structuredContent: {} });
});

const deep = (levels: number): object => (levels === 0 ? {} : { not: deep(levels - 1) });

test.each([
  { what: 'a reference out of the document', schema: { $ref: 'https://example.com/s' } },
  { what: 'another dialect', schema: { $schema: 'http://json-schema.org/draft-04/schema#' } },
  { what: 'nonsense', schema: { type: 'thing' } },
  { what: 'too many levels', schema: deep(50) },
  {
    what: 'too many subschemas',
    schema: { allOf: Array.from({ length: 2000 }, () => ({ minimum: 1 })) },
  },
])('a schema with $what is told of, once, and checks nothing', async ({ schema }) => {
  const fetched: unknown[] = [];
  vi.stubGlobal('fetch', (url: unknown) => {
    fetched.push(url);
    return Promise.reject(new Error('Nothing is fetched'));
  });
  const { client, warnings } = await clientOf(schema, { structuredContent: 'anything' });
  await client.listTools();
  for (let times = 0; times < 2; times++) {
    await expect(client.callTool('t')).resolves.toMatchObject({ structuredContent: 'anything' });
  }
  expect(warnings).toEqual([expect.stringContaining('"t"')]);
  expect(fetched).toEqual([]);
});

test('a pattern that could take for ever is passed over and told of', async () => {
  const schema = { type: 'string', pattern: '^(?=a)(a+)+$' };
  const { client, warnings } = await clientOf(schema, { structuredContent: 'b'.repeat(50) });
  await client.listTools();
  await expect(client.callTool('t')).resolves.toBeDefined();
  expect(warnings).toEqual([expect.stringContaining('passed over')]);
});

test('a value that takes too much work to check comes through, and is told of', async () => {
  const numbers = Array.from({ length: 300 }, () => ({ type: 'number' }));
  const items = { items: { anyOf: [...numbers, { type: 'string' }] } };
  const structuredContent = Array.from({ length: 5000 }, () => 'x');
  const { client, warnings } = await clientOf(items, { structuredContent });
  await client.listTools();
  await expect(client.callTool('t')).resolves.toHaveProperty('structuredContent.length', 5000);
  expect(warnings).toEqual([expect.stringContaining('too much work')]);
});
