import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { createServer, toolResult } from '../../src/index.js';

const server = createServer({ name: 'types', version: '1.0.0' });

describe('the arguments of a tool have the type of its input', () => {
  test('zod: what comes out of it, with defaults and transforms', () => {
    const input = z.object({
      name: z.string(),
      age: z.number().default(1),
      tags: z.array(z.enum(['a', 'b'])).optional(),
      size: z.string().transform((text) => text.length),
    });
    server.tool('zod', { input }, (args) => {
      expectTypeOf(args).toEqualTypeOf<{
        name: string;
        age: number;
        tags?: ('a' | 'b')[] | undefined;
        size: number;
      }>();
      return args.name;
    });
  });

  test('valibot', () => {
    const input = v.object({ name: v.string(), age: v.optional(v.number()) });
    server.tool('valibot', { input: toStandardJsonSchema(input) }, (args) => {
      expectTypeOf(args).toEqualTypeOf<{ name: string; age?: number | undefined }>();
      return args.name;
    });
  });

  test('arktype', () => {
    server.tool('arktype', { input: type({ name: 'string', 'age?': 'number' }) }, (args) => {
      expectTypeOf(args).toEqualTypeOf<{ name: string; age?: number }>();
      return args.name;
    });
  });

  test('a plain JSON Schema says nothing of types', () => {
    const input = { type: 'object', properties: { name: { type: 'string' } } } as const;
    server.tool('plain', { input }, (args) => {
      expectTypeOf(args).toEqualTypeOf<{ readonly [key: string]: unknown }>();
      return String(args['name']);
    });
  });

  test('without a schema there are none', () => {
    server.tool('none', {}, (args) => {
      expectTypeOf(args).toBeUnknown();
      return 'none';
    });
  });
});

describe('what a tool returns', () => {
  const output = z.object({ sum: z.number() });

  test('has the type of its output, or is said in full', () => {
    server.tool('sum', { output }, () => ({ sum: 1 }));
    server.tool('late', { output }, async () => ({ sum: 1 }));
    server.tool('full', { output }, () => toolResult({ structured: { sum: 1 }, content: 'one' }));
  });

  test('is refused by the compiler when it is something else', () => {
    // @ts-expect-error: the member has another type
    server.tool('wrong', { output }, () => ({ sum: 'one' }));
    // @ts-expect-error: the member is missing
    server.tool('missing', { output }, () => ({}));
  });
});

test('the answers of a form have the type of its schema', () => {
  server.tool('ask', {}, async (_args, { ask }) => {
    const zod = await ask.form('a', 'A?', z.object({ yes: z.boolean() }));
    expectTypeOf(zod).toEqualTypeOf<{ yes: boolean }>();
    const ark = await ask.form('b', 'B?', type({ count: 'number' }));
    expectTypeOf(ark).toEqualTypeOf<{ count: number }>();
    const valibot = await ask.form('c', 'C?', toStandardJsonSchema(v.object({ c: v.string() })));
    expectTypeOf(valibot).toEqualTypeOf<{ c: string }>();
    return 'done';
  });
});

test('the arguments of a prompt have the type of its input', () => {
  server.prompt('zod', { input: z.object({ code: z.string() }) }, (args) => {
    expectTypeOf(args).toEqualTypeOf<{ code: string }>();
    return args.code;
  });
});

test('once returns what its effect does', () => {
  server.tool('once', {}, async (_args, call) => {
    expectTypeOf(await call.once('a', () => 1)).toBeNumber();
    expectTypeOf(await call.once('b', async () => ({ c: 'd' }))).toEqualTypeOf<{ c: string }>();
    return 'done';
  });
});
