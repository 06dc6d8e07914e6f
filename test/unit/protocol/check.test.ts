import { describe, expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import { check, read } from '../../../src/protocol/check.js';
import {
  arrayOf,
  both,
  integer,
  jsonObject,
  literal,
  maybe,
  number,
  object,
  oneOf,
  oneOrMany,
  present,
  recordOf,
  string,
  stringOrInteger,
  variant,
} from '../../../src/protocol/combinators.js';

const person = object({ name: string }, { age: integer, tags: arrayOf(string) });

describe('a checker', () => {
  test('says nothing about a value that is fine', () => {
    expect(check(person, { name: 'Ann', age: 3, tags: ['a'], more: null })).toBeUndefined();
  });

  test.each([
    [{}, 'params.name is missing: it must be a string'],
    [{ name: 7 }, 'params.name must be a string'],
    [{ name: 'Ann', age: 1.5 }, 'params.age must be an integer'],
    [{ name: 'Ann', tags: ['a', 7] }, 'params.tags[1] must be a string'],
    [{ name: 'Ann', tags: { length: 0 } }, 'params.tags must be an array'],
    [[], 'params must be an object'],
    [null, 'params must be an object'],
    [undefined, 'params must be an object'],
    ['name', 'params must be an object'],
  ])('names the first problem of %j', (value, sentence) => {
    expect(check(person, value, 'params')).toBe(sentence);
  });

  test('counts an undefined member as absent', () => {
    expect(check(person, { name: 'Ann', age: undefined })).toBeUndefined();
    expect(check(object({ data: present }), { data: undefined })).toContain('data is missing');
    expect(check(object({ data: present }), { data: null })).toBeUndefined();
  });

  test('is not fooled by members named as an object has them anyway', () => {
    const hostile = JSON.parse('{"__proto__": {"name": "Ann"}, "constructor": 1}') as unknown;
    expect(check(person, hostile)).toContain('name is missing');
    expect(check(recordOf(string), hostile)).toBe('value.__proto__ must be a string');
    expect(check(variant('type', { a: person }), { type: '__proto__' })).toContain('type must be');
    expect(check(variant('type', { a: person }), { type: 'toString' })).toContain('type must be');
  });

  test.each([Number.NaN, Infinity, -Infinity, '1', null, [1], new Number(1)])(
    'takes %o for no number',
    (value) => {
      expect(check(number, value)).toBe('value must be a number');
      expect(check(integer, value)).toBe('value must be an integer');
      expect(check(stringOrInteger, value === '1' ? 1.5 : value)).toContain(
        'a string or an integer',
      );
    },
  );

  test('compares literals and choices exactly', () => {
    expect(check(literal('2.0'), '2.0')).toBeUndefined();
    expect(check(literal('2.0'), 2)).toBe('value must be "2.0"');
    expect(check(oneOf(['a', 'b']), 'A')).toBe('value must be one of "a", "b"');
    expect(check(oneOf(['a', 'b']), ['a'])).toBe('value must be one of "a", "b"');
  });

  test('bounds lists that have a bound', () => {
    expect(check(arrayOf(integer, 2), [1, 2])).toBeUndefined();
    expect(check(arrayOf(integer, 2), [1, 2, 3])).toBe('value must have at most 2 items');
  });

  test('combines others', () => {
    expect(check(oneOrMany(string), 'a')).toBeUndefined();
    expect(check(oneOrMany(string), ['a', 1])).toBe('value[1] must be a string');
    expect(check(maybe(string), undefined)).toBeUndefined();
    expect(check(maybe(string), null)).toBe('value must be a string');
    expect(check(both(person, object({ id: integer })), { name: 'Ann' })).toContain(
      'id is missing',
    );
  });

  test('writes strange keys in quotes, and cuts long ones', () => {
    expect(check(recordOf(string), { 'a b\n': 1 })).toBe('value["a b\\n"] must be a string');
    const sentence = check(recordOf(string), { ['k'.repeat(10_000)]: 1 });
    expect(sentence?.length).toBeLessThan(120);
  });
});

describe('read', () => {
  test('returns the very value', () => {
    const value = { name: 'Ann', more: 1 };
    expect(read(person, value, 'params')).toBe(value);
  });

  test('throws invalid params, or the kind that was asked for', () => {
    expect(() => read(jsonObject, 1, 'params')).toThrow(
      new McpError('invalidParams', 'params must be an object'),
    );
    const thrown = catching(() => read(jsonObject, 1, 'result', 'badResponse'));
    expect(thrown).toBeInstanceOf(McpError);
    expect((thrown as McpError).kind).toBe('badResponse');
  });
});

function catching(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}
