import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { expect } from 'vitest';
import * as z from 'zod';
import { text } from '../../src/index.js';
import type { AnySchema } from '../../src/server/index.js';
import { matrix } from './matrix.js';

const schemas: { readonly [library: string]: AnySchema } = {
  zod: z.object({ name: z.string(), count: z.int().min(1), tags: z.array(z.string()).optional() }),
  valibot: toStandardJsonSchema(
    v.object({
      name: v.string(),
      count: v.pipe(v.number(), v.integer(), v.minValue(1)),
      tags: v.optional(v.array(v.string())),
    }),
  ),
  arktype: type({ name: 'string', count: 'number.integer >= 1', 'tags?': 'string[]' }),
  'plain JSON Schema': {
    type: 'object',
    properties: {
      name: { type: 'string' },
      count: { type: 'integer', minimum: 1 },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['name', 'count'],
  },
};

for (const [library, schema] of Object.entries(schemas)) {
  matrix(`a tool with a schema of ${library} is described and checked`, async (stage) => {
    const { server, connect, revision } = stage;
    server.tool('t', { input: schema, output: schema }, (args) => args);
    const client = await connect({ answers: { form: () => ({ name: 'a', count: 1 }) } });
    const [tool] = await client.listTools();
    const described = {
      type: 'object',
      properties: { name: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
      required: expect.arrayContaining(['name', 'count']),
    };
    expect(tool?.inputSchema).toMatchObject(described);
    if (revision >= '2025-06-18') expect(tool?.outputSchema).toMatchObject(described);
    const good = { name: 'a', count: 2, tags: ['b'] };
    expect((await client.callTool('t', good)).content).toEqual([text(JSON.stringify(good))]);
    for (const [wrong, where] of [
      [{ count: 1 }, 'name'],
      [{ name: 'a', count: 0 }, 'count'],
      [{ name: 'a', count: 1.5 }, 'count'],
      [{ name: 'a', count: 1, tags: [1] }, 'tags'],
    ] as const) {
      const { isError, content } = await client.callTool('t', wrong);
      expect(isError).toBe(true);
      expect(JSON.stringify(content)).toContain(where);
    }
  });
}

const flat: { readonly [library: string]: AnySchema } = {
  zod: z.object({ yes: z.boolean().default(true), pick: z.enum(['a', 'b']) }),
  valibot: toStandardJsonSchema(
    v.object({ yes: v.optional(v.boolean(), true), pick: v.picklist(['a', 'b']) }),
  ),
  arktype: type({ yes: 'boolean = true', pick: "'a' | 'b'" }),
  'plain JSON Schema': {
    type: 'object',
    properties: {
      yes: { type: 'boolean', default: true },
      pick: { enum: ['a', 'b'], type: 'string' },
    },
    required: ['pick'],
  },
};

for (const [library, schema] of Object.entries(flat)) {
  matrix(`a form with a schema of ${library} is shown and checked`, async ({ server, connect }) => {
    server.tool('ask', {}, async (_args, { ask }) =>
      JSON.stringify(await ask.form('f', 'Choose', schema)),
    );
    const shown: unknown[] = [];
    const said = [{ pick: 'c' }, { pick: 'b' }];
    const client = await connect({
      answers: {
        form(question) {
          shown.push(question.requestedSchema);
          return said.shift()!;
        },
      },
    });
    const { content } = await client.callTool('ask');
    expect(JSON.parse((content[0] as { text: string }).text)).toEqual({ yes: true, pick: 'b' });
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatchObject({
      type: 'object',
      properties: { yes: { type: 'boolean' }, pick: { type: 'string', enum: ['a', 'b'] } },
      required: ['pick'],
    });
  });
}
