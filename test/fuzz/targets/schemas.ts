/** JSON Schema: whatever a stranger's schema says, reading and checking by it end soon and well. */
import { McpError } from '../../../src/errors.js';
import { compileSchema, type CompiledSchema } from '../../../src/json-schema/compile.js';
import { applyDefaults } from '../../../src/json-schema/defaults.js';
import { isUnfinished } from '../../../src/json-schema/run.js';
import { paramHeadersOf } from '../../../src/protocol/param-headers.js';
import { anyTree, textOf } from '../json.js';
import type { Random } from '../random.js';
import { fewerItems, smallerJson } from '../shrink.js';
import { defineTarget, insist, insistSame, type Target } from '../target.js';

interface Input {
  readonly schema: unknown;
  readonly values: readonly unknown[];
}

const bounds = { depthMax: 32, nodesMax: 1000, stepsMax: 1_000_000 };

export function schemasTarget(): Target {
  return defineTarget<Input>({
    name: 'schemas',
    share: 14,
    make: (random) => ({
      schema: random.chance(98) ? makeSchema(random, 4) : makeJson(random),
      // One: the time of an input is that of one check, and of another of the same.
      values: [makeJson(random)],
    }),
    run({ schema, values }) {
      if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) {
        paramHeadersOf(schema as Readonly<Record<string, unknown>>);
      }
      const compiled = compiledOrRefused(schema);
      if (compiled === undefined) return;
      for (const value of values) {
        const before = JSON.stringify(value);
        const issues = compiled.check(value);
        insist(issues.length <= 16, () => `${issues.length} issues`);
        for (const { path, message } of issues) {
          insist(Array.isArray(path) && message !== '', () => 'an issue that says nothing');
        }
        // The budget of one check is spent; another would take as long.
        if (issues.some(isUnfinished)) return;
        const copy: unknown = structuredClone(value);
        insistSame(compiled.check(copy), issues, 'Two checks of equal values');
        applyDefaults(schema, value);
        insistSame(JSON.stringify(value), before, 'The value before and after');
      }
    },
    *smaller({ schema, values }) {
      for (const fewer of fewerItems(values)) yield { schema, values: fewer };
      for (const less of smallerJson(schema)) yield { schema: less, values };
      for (const less of smallerJson(values)) {
        if (Array.isArray(less)) yield { schema, values: less };
      }
    },
    show: (input) => JSON.stringify(input),
  });
}

function compiledOrRefused(schema: unknown): CompiledSchema | undefined {
  try {
    return compileSchema(schema, bounds, { assertFormat: true });
  } catch (thrown) {
    if (thrown instanceof McpError && thrown.kind === 'invalidParams') return undefined;
    throw thrown;
  }
}

/** Any value that JSON has. */
function makeJson(random: Random): unknown {
  if (random.chance(30)) return random.pick(likelyValues);
  try {
    return JSON.parse(textOf(anyTree(random)));
  } catch {
    return null;
  }
}

const likelyValues: readonly unknown[] = [
  {},
  [],
  { a: 1, b: 'x', c: [1, 2] },
  { a: { a: { a: {} } } },
  [1, 1, '1', [1], [1], { a: 1 }, { a: 1 }],
  'a'.repeat(200),
  `${'a'.repeat(500)}!`,
  '2026-02-29',
  '2026-01-01T00:00:00Z',
  'a@b.example',
  'http://[::1]/',
  '1.2.3.4',
  1e300,
  0.1,
];

const patterns = [
  '^a*$',
  '(a*)*b',
  '(a|a)*$',
  '(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  'a{1000}',
  '(a{30}){30}',
  '(?=a)',
  '\\1',
  '[',
  '\\p{L}+',
  '[^\\W\\d]',
  '(?<n>a)',
  'a{2,1}',
  '\\u{110000}',
  '.*.*.*.*x',
  '\\bfoo\\B',
  '',
  '(((((((((a)))))))))*',
];
const references = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#a',
  'http://x.example/',
  '#/properties/a',
  '%',
  'x#/y',
  '',
];
const types = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object', 'thing'];
const formats = ['email', 'uri', 'date', 'date-time', 'uuid', 'ipv4', 'unknown'];
const one = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'items',
  'propertyNames',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'additionalItems',
  'contentSchema',
];
const many = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const named = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'dependencies',
  'definitions',
];
const counts = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'multipleOf',
];
const propertyNames = ['a', 'b', 'c', '', '__proto__', 'constructor', 'x/y~z'];

function makeSchema(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(8)) return random.pick([true, false, {}, { type: 'string' }]);
  const schema: Record<string, unknown> = {};
  const child = (): unknown => makeSchema(random, depth - 1);
  const children = (): unknown[] => Array.from({ length: random.between(0, 3) }, child);
  for (let count = random.between(1, 4); count > 0; count--) {
    const way = random.below(11);
    if (way === 0) schema['type'] = random.chance(70) ? random.pick(types) : random.some(types, 3);
    else if (way === 1) schema[random.pick(one)] = child();
    else if (way === 2) schema[random.pick(many)] = children();
    else if (way === 3) schema[random.pick(named)] = namedSchemas(random, child);
    else if (way === 4)
      schema[random.pick(counts)] = random.pick([0, 1, 2, 3, 0.1, -1, 1e300, 'x']);
    else if (way === 5) schema['pattern'] = random.pick(patterns);
    else if (way === 6) schema['format'] = random.pick(formats);
    else if (way === 7)
      schema[random.pick(['$ref', '$dynamicRef', '$id', '$anchor', '$dynamicAnchor'])] =
        random.pick(references);
    else if (way === 8)
      schema[random.pick(['enum', 'const', 'default', 'required'])] = makeJson(random);
    else if (way === 9) schema['uniqueItems'] = true;
    else
      schema[random.pick(['x-mcp-header', '$schema', 'dependentRequired', 'title'])] =
        random.pick(oddMembers);
  }
  return schema;
}

function namedSchemas(random: Random, child: () => unknown): unknown {
  const list = random.chance(70) ? propertyNames : patterns;
  return Object.fromEntries(random.some(list, 3).map((name) => [name, child()]));
}

const oddMembers = [
  'A',
  'a b',
  'https://json-schema.org/draft/2020-12/schema',
  'http://json-schema.org/draft-07/schema#',
  { a: ['b', 'c'] },
  1,
];
