import { expect, test } from 'vitest';
import { applyDefaults } from '../../../src/json-schema/defaults.js';

const form = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'Eve' },
    count: { type: 'number', default: 0 },
    subscribe: { type: 'boolean', default: false },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, default: ['a'] },
    note: { type: 'string' },
  },
};

test('absent properties get their defaults, and present ones keep their values', () => {
  const filled = { name: 'Eve', count: 0, subscribe: false, tags: ['a'] };
  expect(applyDefaults(form, {})).toEqual(filled);
  expect(applyDefaults(form, { name: '', count: undefined })).toEqual({ ...filled, name: '' });
  expect(applyDefaults(form, { other: 1, tags: null })).toEqual({
    ...filled,
    other: 1,
    tags: null,
  });
});

test('neither the value nor the schema is changed or shared', () => {
  const value = Object.freeze({});
  const filled = applyDefaults(form, value) as { tags: string[] };
  filled.tags.push('b');
  expect(form.properties.tags.default).toEqual(['a']);
});

test('whatever is not an object passes unchanged', () => {
  for (const value of [undefined, null, 1, 'x', [1]])
    expect(applyDefaults(form, value)).toBe(value);
  for (const schema of [true, null, {}, { properties: 1 }, { properties: { a: true } }]) {
    expect(applyDefaults(schema, { x: 1 })).toEqual({ x: 1 });
  }
});

test('a property called __proto__ changes nothing', () => {
  const schema = JSON.parse('{"properties": {"__proto__": {"default": {"admin": true}}}}');
  const filled = applyDefaults(schema, {}) as Record<string, unknown>;
  expect(filled['admin']).toBeUndefined();
});
