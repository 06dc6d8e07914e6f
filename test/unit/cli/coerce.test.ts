import { expect, test } from 'vitest';
import { coerce, kindOf } from '../../../src/cli/coerce.js';

test.each<[text: string, schema: unknown, value: unknown]>([
  ['5', { type: 'string' }, '5'],
  ['true', { type: 'string' }, 'true'],
  ['5', { type: 'integer' }, 5],
  ['1.5', { type: 'number' }, 1.5],
  ['5', { type: 'number' }, 5],
  ['true', { type: 'boolean' }, true],
  ['null', { type: ['string', 'null'] }, null],
  ['nil', { type: ['string', 'null'] }, 'nil'],
  ['5', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 5],
  ['five', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 'five'],
  ['2', { enum: [1, 2] }, 2],
  ['red', { enum: ['red', 'green'] }, 'red'],
  ['2', { const: 2 }, 2],
  ['{"a":1}', { type: 'object' }, { a: 1 }],
  ['[1,2]', { type: 'array', items: { type: 'integer' } }, [1, 2]],
  ['7', { type: 'array', items: { type: 'integer' } }, [7]],
  ['a', { type: 'array', items: { type: 'string' } }, ['a']],
  ['7', { $ref: '#/$defs/count' }, 7],
  ['5', {}, '5'],
  ['5', undefined, '5'],
])('%s as %j is %j', (text, schema, value) => {
  const root = { $defs: { count: { type: 'integer' }, loop: { $ref: '#/$defs/loop' } } };
  expect(coerce('x', text, schema, root)).toEqual(value);
});

test.each<[text: string, schema: unknown, message: RegExp]>([
  ['x', { type: 'integer' }, /"n" must be a whole number, not "x"/],
  ['1.5', { type: 'integer' }, /a whole number/],
  ['yes', { type: 'boolean' }, /true or false/],
  ['x', { type: ['integer', 'null'] }, /a whole number or null/],
  ['[', { type: 'object' }, /a JSON object/],
  ['x', { type: 'array', items: { type: 'number' } }, /a number/],
])('%s as %j is refused', (text, schema, message) => {
  expect(() => coerce('n', text, schema, schema)).toThrow(message);
});

test('a reference that goes in circles, or nowhere, allows everything', () => {
  const root = { $defs: { loop: { $ref: '#/$defs/loop' } } };
  expect(coerce('x', '5', { $ref: '#/$defs/loop' }, root)).toBe('5');
  expect(coerce('x', '5', { $ref: '#/nowhere' }, root)).toBe('5');
  expect(coerce('x', '5', { $ref: 'https://elsewhere.example/s' }, root)).toBe('5');
});

test('kinds are said in a few words', () => {
  expect(kindOf({ type: 'integer' }, {})).toBe('integer');
  expect(kindOf({ enum: ['a', 'b'] }, {})).toBe('a|b');
  expect(kindOf({ anyOf: [{ type: 'string' }, { type: 'null' }] }, {})).toBe('string|null');
  expect(kindOf({}, {})).toBe('any');
});
