import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { compileSchema } from '../../../src/json-schema/compile.js';
import { fc } from '../properties.js';

const bounds = { depthMax: 32, nodesMax: 1000, stepsMax: 1_000_000 };
const draft07 = 'http://json-schema.org/draft-07/schema#';
const options = { strict: false, validateFormats: false, logger: false } as const;

type Schema = boolean | Record<string, unknown>;

const name = fc.constantFrom('a', 'b', 'c');
const scalar = fc.constantFrom(null, true, false, 0, 1, 2, 3.5, -1, '', 'a', 'ab', '😀', 'b1');
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;

const small = fc.integer({ min: 0, max: 3 });
const regex = fc.constantFrom('^a', 'b$', '^.$', '[0-9]', '^(a|b)+$');
const typeName = fc.constantFrom(
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'array',
  'object',
);
const names = fc.uniqueArray(name, { maxLength: 2 });

/** Objects that hold some of these keywords. */
function some(keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Schema> {
  return fc.record(keywords, { requiredKeys: [] }) as fc.Arbitrary<Schema>;
}

const assertions = fc.oneof(
  fc.record({ type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })) }),
  fc.record({
    enum: fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: JSON.stringify }),
  }),
  fc.record({ const: value }),
  some({ minimum: small, exclusiveMaximum: small, multipleOf: fc.constantFrom(1, 2, 0.5) }),
  some({ minLength: small, maxLength: small, pattern: regex }),
  some({ minItems: small, maxItems: small, uniqueItems: fc.boolean() }),
  some({ required: names, minProperties: small, maxProperties: small }),
) as fc.Arbitrary<Schema>;

/**
 * Schemas of one dialect. Inside of a value, they may refer to "#/$defs/d". Without `unevaluated…`,
 * for ajv counts what alternatives that failed have looked at; see unevaluated.test.ts for those.
 */
function schemas(dialect: '2020-12' | 'draft-07'): fc.Arbitrary<Record<string, unknown>> {
  const modern = dialect === '2020-12';
  const { here } = fc.letrec<{ here: Schema; inside: Schema; list: Schema[] }>((tie) => ({
    inside: fc.oneof(tie('here'), tie('here'), fc.constant({ $ref: '#/$defs/d' })),
    list: fc.array(tie('here'), { minLength: 1, maxLength: 3 }),
    here: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      assertions,
      fc.boolean(),
      fc
        .tuple(assertions, tie('here'))
        .map(([one, two]) =>
          typeof one === 'boolean' || typeof two === 'boolean' ? one : { ...one, ...two },
        ),
      some({
        properties: fc.dictionary(name, tie('inside'), { maxKeys: 3 }),
        patternProperties: fc.dictionary(regex, tie('inside'), { maxKeys: 2 }),
        additionalProperties: tie('inside'),
        allOf: tie('list'),
        anyOf: tie('list'),
        required: names,
      }),
      some({
        propertyNames: tie('here'),
        [modern ? 'dependentSchemas' : 'dependencies']: fc.dictionary(name, tie('here')),
        ...(modern ? { dependentRequired: fc.dictionary(name, names) } : {}),
        if: tie('here'),
        then: tie('here'),
        else: tie('here'),
      }),
      some({
        ...(modern
          ? { prefixItems: fc.array(tie('inside'), { minLength: 1, maxLength: 2 }) }
          : { additionalItems: tie('inside') }),
        items: modern
          ? tie('inside')
          : fc.oneof(tie('inside'), fc.array(tie('inside'), { minLength: 1, maxLength: 2 })),
        anyOf: tie('list'),
      }),
      // Without `minContains` ajv lets empty lists pass after others that fit.
      modern
        ? (fc.record({
            contains: tie('inside'),
            minContains: small,
            maxContains: small,
          }) as fc.Arbitrary<Schema>)
        : some({ required: names, properties: fc.dictionary(name, tie('inside')) }),
      some({ oneOf: tie('list'), not: tie('here') }),
    ),
  }));
  return fc.tuple(here, here).map(([root, d]) => ({
    ...(typeof root === 'boolean' ? { allOf: [root] } : root),
    ...(modern ? {} : { $schema: draft07 }),
    $defs: { d },
  }));
}

// ajv compiles each schema anew, which takes most of the time.
const timeout = 60_000;

test.each(['2020-12', 'draft-07'] as const)('agrees with ajv on %s', { timeout }, (dialect) => {
  const values = fc.array(value, { minLength: 1, maxLength: 6 });
  const counts = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(schemas(dialect), values, (schema, all) => {
      const ajv = dialect === '2020-12' ? new Ajv2020(options) : new Ajv(options);
      const expected = ajv.compile(schema);
      const { check } = compileSchema(schema, bounds);
      for (const one of all) {
        const fits = verdict(expected, one);
        if (fits === undefined) return;
        counts[fits ? 'valid' : 'invalid'] += 1;
        expect(check(one).length === 0).toBe(fits);
      }
    }),
    {
      numRuns: Number(process.env['SCHEMA_RUNS'] ?? 100),
      // The peer has faults of its own, so what it is asked is the same unless somebody explores.
      seed: Number(process.env['SCHEMA_SEED'] ?? 1),
    },
  );
  // Both verdicts must occur often enough to mean something.
  expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(50);
});

/** Undefined when the code that ajv generated is not sound, as happens with `items` in `oneOf`. */
function verdict(expected: (value: unknown) => unknown, one: unknown): boolean | undefined {
  try {
    return expected(one) === true;
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof TypeError) return undefined;
    throw error;
  }
}
