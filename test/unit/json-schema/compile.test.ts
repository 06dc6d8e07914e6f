import { describe, expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import { compileSchema } from '../../../src/json-schema/compile.js';
import type { SchemaOptions } from '../../../src/json-schema/compile.js';
import { defaultLimits } from '../../../src/limits.js';
import { cites } from '../../requirements.js';

const bounds = {
  depthMax: defaultLimits.schemaDepthMax,
  nodesMax: defaultLimits.schemaNodesMax,
  stepsMax: defaultLimits.schemaStepsMax,
};
const draft07 = 'http://json-schema.org/draft-07/schema#';

/** What is wrong with `value`, each as "path: message". */
function issuesOf(schema: unknown, value: unknown, options?: SchemaOptions): string[] {
  const found = compileSchema(schema, bounds, options).check(value);
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function refusalOf(schema: unknown, options?: SchemaOptions): string {
  try {
    compileSchema(schema, bounds, options);
  } catch (error) {
    if (error instanceof McpError && error.kind === 'invalidParams') return error.message;
    throw error;
  }
  return 'accepted';
}

const fill = (length: number, value: unknown): unknown[] => Array.from({ length }, () => value);

const nested = (levels: number, inner: unknown): unknown => {
  let value = inner;
  for (let level = 0; level < levels; level += 1) value = { not: value };
  return value;
};

describe('an issue is a path and a sentence', () => {
  const person = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 3 },
      age: { type: ['integer', 'null'], minimum: 0 },
      tags: { type: 'array', items: { enum: ['a', 'b'] }, uniqueItems: true, maxItems: 3 },
    },
    required: ['name'],
    additionalProperties: false,
  };
  test.each([
    [{ name: 'Eve' }, []],
    [{ name: 'Eve', age: null, tags: ['a', 'b'] }, []],
    [7, [': must be an object']],
    [{}, ['name: is required']],
    [{ name: 7 }, ['name: must be a string']],
    [{ name: '' }, ['name: must be at least 1 character long']],
    [{ name: 'Evelyn' }, ['name: must be at most 3 characters long']],
    [{ name: '😀😀😀' }, []],
    [{ name: 'E', age: 1.5 }, ['age: must be a whole number or null']],
    [{ name: 'E', age: -1 }, ['age: must be at least 0']],
    [{ name: 'E', tags: ['a', 'c'] }, ['tags.1: must be one of "a", "b"']],
    [{ name: 'E', tags: ['a', 'a'] }, ['tags: must not contain the same item twice']],
    [{ name: 'E', extra: 1 }, ['extra: is not allowed']],
    [
      { age: 'x', extra: 1 },
      ['age: must be a whole number or null', 'extra: is not allowed', 'name: is required'],
    ],
  ])('%j', (value, expected) => {
    expect(new Set(issuesOf(person, value))).toEqual(new Set(expected));
  });

  test('alternatives are explained by the one that was meant', () => {
    const schema = {
      anyOf: [{ type: 'string' }, { type: 'object', properties: { a: { const: 1 } } }],
    };
    expect(issuesOf(schema, { a: 2 })).toEqual(['a: must be 1']);
    expect(issuesOf(schema, 7)).toEqual([': must be a string or an object']);
    const exclusive = { oneOf: [{ minimum: 1 }, { minimum: 2 }] };
    expect(issuesOf(exclusive, 0)).toEqual([': must match at least one of 2 alternatives']);
    expect(issuesOf(exclusive, 3)).toHaveLength(1);
  });

  test('no more than 16 are reported', () => {
    const schema = { items: { type: 'string' } };
    expect(issuesOf(schema, fill(16, 0))).toHaveLength(16);
    expect(issuesOf(schema, fill(1000, 0))).toHaveLength(16);
  });
});

cites('schema/other-dialect');
describe('dialects', () => {
  cites('schema/2020-12');
  test('2020-12 is the default and may be declared', () => {
    const schema = { prefixItems: [{ type: 'string' }] };
    const declared = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema };
    expect(issuesOf(schema, [1])).toHaveLength(1);
    expect(issuesOf(declared, [1])).toHaveLength(1);
  });

  test('draft-07 keywords count only where draft-07 is declared', () => {
    const tuple = { items: [{ type: 'string' }], additionalItems: false };
    expect(issuesOf({ $schema: draft07, ...tuple }, ['a', 1])).toEqual(['1: is not allowed']);
    expect(refusalOf(tuple)).toContain('"#/items"');
    const reference = { $ref: '#/definitions/a', type: 'string', definitions: { a: {} } };
    expect(issuesOf({ $schema: draft07, ...reference }, 1)).toEqual([]);
    expect(issuesOf(reference, 1)).toEqual([': must be a string']);
  });

  test.each([
    'https://json-schema.org/draft/2019-09/schema',
    'http://json-schema.org/draft-04/schema#',
    'https://example.com/mine',
    7,
  ])('%s is refused in words', ($schema) => {
    expect(refusalOf({ $schema })).toMatch(/"#\/\$schema".*use 2020-12 or draft-07/);
  });
});

cites('schema/no-fetch', 'schema/unresolved');
describe('references', () => {
  test('stay inside the document', () => {
    const schema = {
      $ref: '#tree',
      $defs: {
        tree: {
          $anchor: 'tree',
          properties: { value: { $ref: 'urn:example:value' }, more: { items: { $ref: '#tree' } } },
        },
        value: { $id: 'urn:example:value', type: 'number' },
      },
    };
    expect(issuesOf(schema, { value: 1, more: [{ value: 2 }] })).toEqual([]);
    expect(issuesOf(schema, { more: [{ more: [{ value: 'x' }] }] })).toEqual([
      'more.0.more.0.value: must be a number',
    ]);
  });

  test('may point where no keyword holds a schema', () => {
    const schema = {
      properties: { a: { $ref: '#/components/a~1b' } },
      components: { 'a/b': { type: 'string' } },
    };
    expect(issuesOf(schema, { a: 1 })).toEqual(['a: must be a string']);
  });

  test('a dynamic reference finds the outermost anchor of its name', () => {
    const schema = {
      $id: 'https://example.com/strings',
      $ref: 'list',
      $defs: {
        item: { $dynamicAnchor: 'item', type: 'string' },
        list: {
          $id: 'list',
          items: { $dynamicRef: '#item' },
          $defs: { item: { $dynamicAnchor: 'item' } },
        },
      },
    };
    expect(issuesOf(schema, ['a', 1])).toEqual(['1: must be a string']);
  });

  test.each([
    ['https://example.com/schema', /"#\/properties\/a\/\$ref".*nothing is ever fetched/],
    ['#/$defs/none', /"#\/properties\/a\/\$ref".*points at nothing/],
    ['#none', /points at nothing/],
    ['file:///etc/passwd', /points at nothing/],
    ['#/properties/%', /not a URI reference/],
    [7, /must be a string/],
  ])('%s is refused', ($ref, message) => {
    expect(refusalOf({ properties: { a: { $ref } } })).toMatch(message);
    // Even where nothing leads to it.
    expect(refusalOf({ $defs: { a: { $ref } } })).not.toBe('accepted');
  });
});

describe('an invalid schema is refused with a pointer to the fault', () => {
  test.each([
    [7, '#'],
    [[], '#'],
    [{ type: 'text' }, '#/type'],
    [{ type: [] }, '#/type'],
    [{ properties: [] }, '#/properties'],
    [{ properties: { 'a/b~': 1 } }, '#/properties/a~1b~0'],
    [{ allOf: {} }, '#/allOf'],
    [{ allOf: [] }, '#/allOf'],
    [{ allOf: [true, 3] }, '#/allOf/1'],
    [{ items: { minLength: -1 } }, '#/items/minLength'],
    [{ maximum: '3' }, '#/maximum'],
    [{ multipleOf: 0 }, '#/multipleOf'],
    [{ required: 'a' }, '#/required'],
    [{ enum: {} }, '#/enum'],
    [{ pattern: 1 }, '#/pattern'],
    [{ uniqueItems: 1 }, '#/uniqueItems'],
    [{ $id: 'a#b' }, '#/$id'],
    [{ $anchor: 1 }, '#/$anchor'],
    [{ $defs: { a: { $anchor: 'x' }, b: { $anchor: 'x' } } }, '#/$defs/b/$anchor'],
    [{ $defs: { a: { $id: 'x' }, b: { $id: 'x' } } }, '#/$defs/b/$id'],
  ])('%j', (schema, pointer) => {
    expect(refusalOf(schema)).toContain(`"${pointer}"`);
  });
});

describe('bounds', () => {
  cites('schema/bounds');
  test('of depth, at the bound and one past it', () => {
    expect(refusalOf(nested(bounds.depthMax - 1, {}))).toBe('accepted');
    expect(refusalOf(nested(bounds.depthMax, {}))).toContain('levels deep');
  });

  cites('schema/bounds');
  test('of subschemas, at the bound and one past it', () => {
    const many = (count: number) => ({ allOf: fill(count - 1, true) });
    expect(refusalOf(many(bounds.nodesMax))).toBe('accepted');
    expect(refusalOf(many(bounds.nodesMax + 1))).toContain('more than 1000 subschemas');
  });

  test('a schema that contains itself is too deep', () => {
    const schema: Record<string, unknown> = {};
    schema['items'] = schema;
    expect(refusalOf(schema)).toContain('levels deep');
  });

  cites('schema/bounds');
  test('of steps, for schemas that multiply their work', () => {
    // 2^20 ways through the schema for one small value.
    const $defs: Record<string, unknown> = { l0: { type: 'string' } };
    for (let level = 1; level <= 20; level += 1) {
      const $ref = `#/$defs/l${level - 1}`;
      $defs[`l${level}`] = { allOf: [{ $ref }, { $ref }] };
    }
    const { check } = compileSchema({ $ref: '#/$defs/l20', $defs }, bounds);
    expect(check('x')).toEqual([{ path: [], message: 'takes too much work to check' }]);
  });

  test('of steps, for values that are large', () => {
    const { check } = compileSchema({ items: { type: 'number' } }, { ...bounds, stepsMax: 100 });
    expect(check(fill(100, 0))).toEqual([]);
    expect(check(fill(101, 0))).toHaveLength(1);
    const unique = compileSchema({ uniqueItems: true }, bounds);
    expect(unique.check(Array.from({ length: 20_000 }, (_, a) => ({ a })))).toEqual([]);
  });

  test('of recursion, for references in a circle and values that contain themselves', () => {
    expect(issuesOf({ $ref: '#' }, 1)).toEqual([': is nested too deeply to check']);
    const circle = { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } };
    expect(issuesOf(circle, 1)).toEqual([': is nested too deeply to check']);
    const list: unknown[] = [];
    list.push(list);
    expect(issuesOf({ items: { $ref: '#' } }, list)).toEqual([': is nested too deeply to check']);
    expect(issuesOf({ enum: [[]] }, list)).toEqual([': is nested too deeply to check']);
  });

  test('the deepest message passes through a recursive schema', () => {
    let tree: unknown = {};
    for (let level = 0; level < defaultLimits.messageDepthMax; level += 1) tree = { more: [tree] };
    const schema = { properties: { more: { items: { $ref: '#' } } }, additionalProperties: false };
    expect(issuesOf(schema, tree)).toEqual([]);
  });

  test('a chain of a thousand references is compiled without recursion', () => {
    const $defs: Record<string, unknown> = { d0: { type: 'string' } };
    for (let at = 1; at < 900; at += 1) $defs[`d${at}`] = { $ref: `#/$defs/d${at - 1}` };
    const schema = { properties: { a: { $ref: '#/$defs/d100' } }, $defs };
    expect(issuesOf(schema, { a: 1 })).toEqual(['a: must be a string']);
  });
});

describe('values that are not plain JSON', () => {
  test('never make a check throw', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const { check } = compileSchema({ properties: { a: {} }, additionalProperties: false }, bounds);
    expect(check(hostile)).toEqual([{ path: [], message: 'could not be read' }]);
    for (const value of [undefined, NaN, 1n, Symbol('x'), () => 1, new Date(NaN)]) {
      expect(issuesOf({ type: ['number', 'string', 'boolean', 'null', 'array'] }, value)).toEqual([
        expect.stringContaining('must be'),
      ]);
    }
  });

  test('undefined is the same as absent, and what is inherited does not count', () => {
    const schema = { required: ['a'], additionalProperties: false, properties: { a: {} } };
    expect(issuesOf(schema, { a: 1, b: undefined })).toEqual([]);
    expect(issuesOf(schema, { a: undefined })).toEqual(['a: is required']);
    expect(issuesOf({ required: ['toString', '__proto__'] }, {})).toHaveLength(2);
    const own = JSON.parse('{"__proto__": 1}');
    expect(issuesOf({ additionalProperties: { type: 'string' } }, own)).toHaveLength(1);
  });
});

describe('patterns', () => {
  test('of a stranger are matched in linear time or passed over with a warning', () => {
    const schema = { properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^(?=x)' } } };
    const { check, warnings } = compileSchema(schema, bounds);
    expect(warnings).toEqual([expect.stringContaining('"#/properties/b/pattern"')]);
    expect(check({ a: 'aaa', b: 'anything' })).toEqual([]);
    expect(check({ a: `${'a'.repeat(4000)}!` })).toEqual([
      { path: ['a'], message: 'must match the pattern "^(a+)+$"' },
    ]);
  });

  test('that are passed over reject nothing, however they are wrapped', () => {
    const skipped = { pattern: '(?=x)' };
    const cases: [schema: unknown, value: unknown][] = [
      [skipped, 'y'],
      [{ not: skipped }, 'y'],
      [{ not: { not: skipped } }, 'y'],
      [{ not: { allOf: [skipped] } }, 'y'],
      [{ oneOf: [skipped, true] }, 'y'],
      [{ if: skipped, then: false }, 'y'],
      [{ patternProperties: { '(?=x)': false }, additionalProperties: false }, { y: 1 }],
      [{ patternProperties: { '(?=x)': true }, unevaluatedProperties: false }, { y: 1 }],
      [{ contains: skipped, maxContains: 1 }, ['y', 'y']],
    ];
    for (const [schema, value] of cases) {
      expect([schema, issuesOf(schema, value)]).toEqual([schema, []]);
    }
    // What does not depend on the pattern is still checked.
    expect(issuesOf({ not: { type: 'string' }, ...skipped }, 'y')).toHaveLength(1);
    expect(issuesOf({ oneOf: [{ ...skipped, minLength: 3 }, false] }, 'y')).toHaveLength(1);
  });

  test('are passed over for very long texts', () => {
    const schema = { pattern: '^a*$' };
    expect(issuesOf(schema, 'b'.repeat(4096))).toHaveLength(1);
    expect(issuesOf(schema, 'b'.repeat(4097))).toEqual([]);
  });

  test('are passed over when they are too many together', () => {
    const many = (length: number) => Array.from({ length }, () => ({ pattern: '^[ab]{900}$' }));
    const warnings = (count: number) => compileSchema({ allOf: many(count) }, bounds).warnings;
    expect(warnings(20)).toHaveLength(0);
    expect(warnings(40).length).toBeGreaterThan(10);
  });

  test('of the author are all evaluated, and faults in them refused', () => {
    const trusted = { trusted: true };
    expect(issuesOf({ pattern: '^(?=x)' }, 'y', trusted)).toHaveLength(1);
    expect(issuesOf({ pattern: '^\\-$' }, '-', trusted)).toEqual([]);
    expect(refusalOf({ pattern: '(' }, trusted)).toContain('"#/pattern"');
    expect(refusalOf({ pattern: '(' })).toBe('accepted');
  });

  test('formats are only named unless they are asked for', () => {
    const schema = { format: 'email' };
    expect(issuesOf(schema, 'nobody')).toEqual([]);
    expect(issuesOf(schema, 'nobody', { assertFormat: true })).toEqual([': must be a valid email']);
    expect(issuesOf({ format: 'unknown' }, 'x', { assertFormat: true })).toEqual([]);
  });
});

test('compiling and checking leave the schema and the value as they were', () => {
  const schema = Object.freeze({ properties: Object.freeze({ a: Object.freeze({}) }) });
  const value = Object.freeze({ a: 1 });
  expect(issuesOf(schema, value)).toEqual([]);
});
