import { describe, expect, test } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue } from '../../../src/protocol/header-value.js';
import {
  compareParamHeaders,
  paramHeadersFor,
  paramHeadersOf,
  type ParamHeader,
} from '../../../src/protocol/param-headers.js';
import { cites } from '../../requirements.js';
import { fc } from '../properties.js';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const rooted = (properties: object, more: object = {}): { [key: string]: unknown } => ({
  type: 'object',
  properties,
  ...more,
});
const headersOf = (schema: { [key: string]: unknown }): readonly ParamHeader[] => {
  const found = paramHeadersOf(schema);
  if ('invalid' in found) throw new Error(found.invalid);
  return found.headers;
};

describe('annotations', () => {
  test('are found at any depth of properties', () => {
    const options = rooted({ limit: { type: 'integer', 'x-mcp-header': 'Max-Rows' } });
    expect(headersOf(rooted({ region, options, other: { type: 'number' } }))).toEqual(
      expect.arrayContaining([
        { header: 'Region', key: 'mcp-param-region', path: ['region'], type: 'string' },
        {
          header: 'Max-Rows',
          key: 'mcp-param-max-rows',
          path: ['options', 'limit'],
          type: 'integer',
        },
      ]),
    );
  });

  test('are none in most schemas', () => {
    expect(headersOf({ type: 'object' })).toEqual([]);
    expect(headersOf(rooted({ a: true, b: { type: 'string' } }))).toEqual([]);
  });

  test('are not seen in data, nor in a property that bears their name', () => {
    const data = { type: 'string', default: region, enum: [region], const: region };
    expect(headersOf(rooted({ data, 'x-mcp-header': { type: 'string' } }))).toEqual([]);
  });

  test.each([
    ['empty', ''],
    ['no text', 7],
    ['null', null],
    ['a space', 'a b'],
    ['a line break', 'a\r\nb'],
    ['a trailing line break', 'a\n'],
    ['a colon', 'a:b'],
    ['not ASCII', 'é'],
  ])('break the rules when the name is %s', (_, name) => {
    const found = paramHeadersOf(rooted({ a: { type: 'string', 'x-mcp-header': name } }));
    expect(found).toHaveProperty('invalid');
  });

  test.each([['number'], ['object'], ['array'], ['null'], [undefined], [['string', 'null']]])(
    'break the rules on a property of type %j',
    (type) => {
      expect(paramHeadersOf(rooted({ a: { type, 'x-mcp-header': 'A' } }))).toHaveProperty(
        'invalid',
      );
    },
  );

  cites('params/names');
  test('break the rules when two names differ in case only', () => {
    const again = { type: 'boolean', 'x-mcp-header': 'rEGION' };
    expect(paramHeadersOf(rooted({ region, again }))).toHaveProperty('invalid');
  });

  test.each([
    ['the root', { ...rooted({}), 'x-mcp-header': 'A' }],
    ['items', rooted({ a: { type: 'array', items: region } })],
    ['a list of items', rooted({ a: { type: 'array', prefixItems: [region] } })],
    ['oneOf', rooted({}, { oneOf: [rooted({ region })] })],
    ['anyOf', rooted({ a: { anyOf: [region] } })],
    ['allOf', rooted({}, { allOf: [rooted({ region })] })],
    ['not', rooted({}, { not: rooted({ region }) })],
    ['if', rooted({}, { if: rooted({ region }) })],
    ['then', rooted({}, { then: rooted({ region }) })],
    ['else', rooted({}, { else: rooted({ region }) })],
    ['a definition', rooted({ a: { $ref: '#/$defs/r' } }, { $defs: { r: region } })],
    ['additionalProperties', rooted({}, { additionalProperties: region })],
    ['patternProperties', rooted({}, { patternProperties: { '^a': region } })],
    ['dependentSchemas', rooted({}, { dependentSchemas: { a: rooted({ region }) } })],
  ])('break the rules under %s', (_, schema) => {
    expect(paramHeadersOf(schema)).toHaveProperty('invalid');
  });

  test('end in a refusal where a schema never ends', () => {
    const schema: { [key: string]: unknown } = { type: 'object' };
    schema['properties'] = { again: schema, and: schema };
    expect(paramHeadersOf(schema)).toHaveProperty('invalid');
  });
});

describe('header values', () => {
  test.each([
    ['us-west1', 'us-west1'],
    ['', ''],
    ['a b', 'a b'],
    [' a', '=?base64?IGE=?='],
    ['a\t', '=?base64?YQk=?='],
    ['a\tb', '=?base64?YQli?='],
    ['Grüße', '=?base64?R3LDvMOfZQ==?='],
    ['=?base64?YQ==?=', '=?base64?PT9iYXNlNjQ/WVE9PT89?='],
    ['=?base64?YQ==', '=?base64?YQ=='],
    ['YQ==?=', 'YQ==?='],
    ['=?BASE64?YQ==?=', '=?BASE64?YQ==?='],
  ])('%j travels as %j', (value, header) => {
    expect(encodeHeaderValue(value)).toBe(header);
    expect(decodeHeaderValue(header)).toBe(value);
  });

  cites('headers/base64');
  test('any well-formed text comes back as it was, in visible ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const header = encodeHeaderValue(value);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeHeaderValue(header)).toBe(value);
      }),
    );
  });

  test.each([
    '=?base64?YQ=?=',
    '=?base64?YQ?=',
    '=?base64?Y Q==?=',
    '=?base64?YQ_-?=',
    '=?base64?YR==?=',
    '=?base64?/w==?=',
    'Gr\u00fc\u00dfe',
    'a\u0000b',
    'a\tb',
    'a\u00a0',
  ])('%j is malformed', (header) => {
    expect(decodeHeaderValue(header)).toBeUndefined();
  });

  cites('headers/blanks');
  test('blanks around a value are not part of it', () => {
    expect(decodeHeaderValue('\t us-west1 ')).toBe('us-west1');
  });
});

describe('headers and arguments', () => {
  const spec = headersOf(
    rooted({
      region,
      limit: { type: 'integer', 'x-mcp-header': 'Limit' },
      dry: rooted({ run: { type: 'boolean', 'x-mcp-header': 'Dry-Run' } }),
    }),
  );
  const compare = (args: { [key: string]: unknown }, headers: object): string | undefined =>
    compareParamHeaders(spec, args, new Map(Object.entries(headers) as [string, string][]));

  cites('params/converted');
  test('a client sends what the server then finds equal', () => {
    const args = { region: 'Grüße', limit: 42, dry: { run: false }, other: 'x' };
    const headers = paramHeadersFor(spec, args);
    expect(Object.fromEntries(headers)).toEqual({
      'mcp-param-region': '=?base64?R3LDvMOfZQ==?=',
      'mcp-param-limit': '42',
      'mcp-param-dry-run': 'false',
    });
    expect(compareParamHeaders(spec, args, headers)).toBeUndefined();
  });

  cites('params/absent');
  test('arguments that are missing or null have no header', () => {
    expect(paramHeadersFor(spec, { region: null })).toEqual(new Map());
    expect(compare({ region: null, dry: 'no object' }, {})).toBeUndefined();
    expect(compare({}, { 'mcp-param-region': 'eu' })).toContain('Mcp-Param-Region is sent');
    expect(compare({}, { 'mcp-param-other': 'eu' })).toBeUndefined();
  });

  test('inherited members are no arguments', () => {
    const odd = headersOf(rooted({ constructor: region, __proto__: {} }));
    expect(paramHeadersFor(odd, {})).toEqual(new Map());
    const own = headersOf(rooted(JSON.parse('{"__proto__":{"type":"string","x-mcp-header":"P"}}')));
    expect(paramHeadersFor(own, {})).toEqual(new Map());
    const args = JSON.parse('{"__proto__":"x"}') as { [key: string]: unknown };
    expect(paramHeadersFor(own, args)).toEqual(new Map([['mcp-param-p', 'x']]));
  });

  test.each([
    [{ region: 'eu' }, {}, 'Mcp-Param-Region is missing'],
    [{ region: 'eu' }, { 'mcp-param-region': 'EU' }, 'Mcp-Param-Region differs'],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?!!!!?=' }, 'is not well encoded'],
    [{ region: '' }, {}, 'Mcp-Param-Region is missing'],
    [{ limit: 42 }, { 'mcp-param-limit': '43' }, 'Mcp-Param-Limit differs'],
    [{ limit: 42 }, { 'mcp-param-limit': '0x2a' }, 'Mcp-Param-Limit differs'],
    [{ limit: 42 }, { 'mcp-param-limit': '' }, 'Mcp-Param-Limit differs'],
    [{ limit: 0 }, { 'mcp-param-limit': '' }, 'Mcp-Param-Limit differs'],
    [{ limit: 2 ** 53 }, { 'mcp-param-limit': '9007199254740993' }, 'Mcp-Param-Limit differs'],
    [{ limit: 42 }, { 'mcp-param-limit': '42.0000000000000000001' }, 'Mcp-Param-Limit differs'],
    [{ dry: { run: true } }, { 'mcp-param-dry-run': 'True' }, 'Mcp-Param-Dry-Run differs'],
    [{ region: ['eu'] }, { 'mcp-param-region': 'eu' }, 'Mcp-Param-Region differs'],
  ])('%j against %j', (args, headers, sentence) => {
    expect(compare(args, headers)).toContain(sentence);
  });

  cites('params/numeric');
  test('integers are compared as numbers, within the safe range', () => {
    expect(compare({ limit: 42 }, { 'mcp-param-limit': '42.0' })).toBeUndefined();
    expect(compare({ limit: 2 ** 53 }, { 'mcp-param-limit': '9007199254740992' })).toBeDefined();
    expect(compare({ region: '42' }, { 'mcp-param-region': '42.0' })).toBeDefined();
  });
});
