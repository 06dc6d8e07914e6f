import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { argumentsFor, readPairs, readTyped } from '../../../src/cli/arguments.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';

const nobody = Readable.from([]);

async function read(
  words: readonly string[],
  schema: JsonObject,
  stdin: Readable = nobody,
): Promise<{ args: JsonObject; warnings: string[] }> {
  const warnings: string[] = [];
  const tool = { name: 'tool', inputSchema: { type: 'object' as const, ...schema } };
  const args = argumentsFor(tool, await readTyped(words, stdin), (text) => warnings.push(text));
  return { args, warnings };
}

const properties = {
  name: { type: 'string' },
  times: { type: 'integer' },
  tags: { type: 'array', items: { type: 'string' } },
};

test('each form of argument is read', async () => {
  const words = ['name=a=b', 'times=3', 'tags:=["x"]', '{"extra": null}'];
  const { args } = await read(words, { properties, additionalProperties: true });
  expect(args).toEqual({ name: 'a=b', times: 3, tags: ['x'], extra: null });
});

test('a repeated name makes a list, a later one of anything else wins', async () => {
  const { args } = await read(['tags=a', 'tags=b', 'times=1', 'times=2'], { properties });
  expect(args).toEqual({ tags: ['a', 'b'], times: 2 });
});

test('a dash reads standard input', async () => {
  const stdin = Readable.from([Buffer.from('{"name": "Zo'), Buffer.from('\u00eb"}')]);
  expect((await read(['-'], { properties }, stdin)).args).toEqual({ name: 'Zo\u00eb' });
});

test('names of the prototype are names like any other', async () => {
  const { args } = await read(['__proto__=x'], { properties });
  expect(Object.getOwnPropertyNames(args)).toEqual(['__proto__']);
});

test('a name that the schema does not know is sent and warned of, or refused', async () => {
  const { args, warnings } = await read(['nmae=x'], { properties });
  expect(args).toEqual({ nmae: 'x' });
  expect(warnings).toEqual([expect.stringContaining('Did you mean name?')]);
  const closed = { properties, additionalProperties: false };
  await expect(read(['nmae=x'], closed)).rejects.toThrow('has no argument "nmae"');
});

test.each([
  [['word'], /"word" is no argument/],
  [['=x'], /no argument/],
  [['a:=nope'], /no valid JSON in the value of a/],
  [['{"a": '], /no valid JSON/],
  [['[1]'], /"\[1\]" is no argument/],
  [['@no-such-file'], /cannot be read: ENOENT/],
  [[], /also needs name/],
])('%j is refused', async (words, message) => {
  await expect(read(words, { properties, required: ['name'] })).rejects.toThrow(message);
});

test('pairs need a name', () => {
  expect(readPairs(['a=1', 'b='], 'pair')).toEqual({ a: '1', b: '' });
  expect(() => readPairs(['=1'], 'pair')).toThrow('"=1" is no pair');
});
