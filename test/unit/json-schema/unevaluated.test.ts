import { expect, test } from 'vitest';
import { compileSchema } from '../../../src/json-schema/compile.js';

const bounds = { depthMax: 32, nodesMax: 1000, stepsMax: 1_000_000 };
const a = { properties: { a: true } };
const b = { properties: { b: true } };
const needsA = { ...a, required: ['a'] };
const needsB = { ...b, required: ['b'] };

function fits(schema: unknown, value: unknown): boolean {
  return compileSchema(schema, bounds).check(value).length === 0;
}

test.each<[schema: Record<string, unknown>, yes: unknown[], no: unknown[]]>([
  [{}, [{}, 1, [1]], [{ a: 1 }]],
  [a, [{ a: 1 }], [{ b: 1 }]],
  [{ patternProperties: { '^a': true } }, [{ ab: 1 }], [{ ba: 1 }]],
  [{ additionalProperties: true }, [{ a: 1 }], []],
  [{ allOf: [a, b] }, [{ a: 1, b: 1 }], [{ c: 1 }]],
  [{ anyOf: [needsA, needsB] }, [{ a: 1 }, { b: 1 }, { a: 1, b: 1 }], [{ a: 1, c: 1 }]],
  [{ oneOf: [needsA, needsB] }, [{ a: 1 }, { b: 1 }], [{ a: 1, b: 1 }]],
  // What a failed alternative has looked at does not count.
  [{ anyOf: [{ ...a, required: ['b'] }, true] }, [{}], [{ a: 1 }]],
  [{ anyOf: [{ allOf: [a, false] }, true] }, [{}], [{ a: 1 }]],
  [{ not: { not: a } }, [{}], [{ a: 1 }]],
  [{ if: needsA, then: b }, [{ a: 1 }, { a: 1, b: 1 }, {}], [{ b: 1 }]],
  [{ if: needsA, else: b }, [{ a: 1 }, { b: 1 }], [{ a: 1, b: 1 }]],
  [{ $ref: '#/$defs/a', $defs: { a } }, [{ a: 1 }], [{ b: 1 }]],
  [{ dependentSchemas: { a: b }, ...a }, [{ a: 1, b: 1 }], [{ b: 1 }]],
  // Neighbours inside of a list of alternatives do not see one another.
  [{ allOf: [a, { unevaluatedProperties: false }] }, [{}], [{ a: 1 }]],
  [{ allOf: [{ ...a, unevaluatedProperties: true }] }, [{ a: 1, b: 1 }], []],
  // Properties of properties are another matter.
  [{ properties: { a: b } }, [{ a: { c: 1 } }], [{ b: 1 }, { a: 1, c: 1 }]],
])('unevaluatedProperties beside %j', (schema, yes, no) => {
  const closed = { ...schema, unevaluatedProperties: false };
  for (const value of yes) expect([value, fits(closed, value)]).toEqual([value, true]);
  for (const value of no) expect([value, fits(closed, value)]).toEqual([value, false]);
});

test.each<[schema: Record<string, unknown>, yes: unknown[], no: unknown[]]>([
  [{}, [[], 1, { a: 1 }], [[1]]],
  [{ prefixItems: [true] }, [[], [1]], [[1, 2]]],
  [{ items: true }, [[1, 2]], []],
  [{ allOf: [{ prefixItems: [true] }, { prefixItems: [true, true] }] }, [[1, 2]], [[1, 2, 3]]],
  [{ contains: { const: 1 } }, [[1], [1, 1]], [[1, 2], [2]]],
  [{ prefixItems: [true], contains: { const: 1 } }, [[1], [2, 1]], [[1, 2]]],
  [{ anyOf: [{ prefixItems: [{ const: 1 }] }, true] }, [[1]], [[2]]],
  [{ if: { contains: { const: 1 } }, then: { items: true } }, [[1, 2]], [[2]]],
])('unevaluatedItems beside %j', (schema, yes, no) => {
  const closed = { ...schema, unevaluatedItems: false };
  for (const value of yes) expect([value, fits(closed, value)]).toEqual([value, true]);
  for (const value of no) expect([value, fits(closed, value)]).toEqual([value, false]);
});

test('what is unevaluated may have a schema of its own', () => {
  const schema = { ...a, unevaluatedProperties: { type: 'number' } };
  const { check } = compileSchema(schema, bounds);
  expect(check({ a: 'x', b: 1 })).toEqual([]);
  expect(check({ a: 'x', b: 'y' })).toEqual([{ path: ['b'], message: 'must be a number' }]);
});
