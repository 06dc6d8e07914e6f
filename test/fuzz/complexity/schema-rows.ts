/** JSON Schema: checks and patterns, with a budget that stops nothing. */
import { canonical } from '../../../src/json-schema/canonical.js';
import { compileSchema } from '../../../src/json-schema/compile.js';
import { applyDefaults } from '../../../src/json-schema/defaults.js';
import { shorten } from '../../../src/json-schema/dialect.js';
import { formatChecks } from '../../../src/json-schema/formats.js';
import { linearPattern } from '../../../src/json-schema/pattern.js';
import { fill, type Row, row, rowOfAll } from './measure.js';

const bounds = { depthMax: 32, nodesMax: Infinity, stepsMax: Infinity };
const free = { spend: (): void => undefined };

const times = <T>(size: number, each: (at: number) => T): T[] =>
  Array.from({ length: Math.max(1, Math.floor(size)) }, (_, at) => each(at));
/** An object has 10,000 members at most, which is what a megabyte stands for here. */
const wide = (size: number): object => Object.fromEntries(times(size, (at) => [`n${at}`, at]));

const compiling = 'json-schema/compile.compileSchema json-schema/resources.collectResources';

const checks: readonly (readonly [string, object, (size: number) => unknown])[] = [
  ['uniqueItems of numbers', { uniqueItems: true }, (size) => times(size / 8, (at) => at)],
  ['uniqueItems of texts', { uniqueItems: true }, (size) => times(size / 16, (at) => `t${at}`)],
  [
    'uniqueItems of objects',
    { uniqueItems: true },
    (size) => times(size / 32, (at) => ({ a: at, b: [at] })),
  ],
  ['enum of objects', { enum: [{ a: 1 }] }, (size) => wide(size / 110)],
  ['const', { const: [1] }, (size) => times(size / 8, () => 1)],
  [
    'unevaluatedProperties',
    { anyOf: [{ patternProperties: { '^n': true } }], unevaluatedProperties: false },
    (size) => wide(size / 110),
  ],
  [
    'unevaluatedItems',
    { contains: { type: 'number' }, unevaluatedItems: { type: 'string' } },
    (size) => times(size / 16, (at) => (at % 2 ? 1 : 'a')),
  ],
  [
    'properties and the rest',
    { properties: { a: true }, additionalProperties: { type: 'number' } },
    (size) => wide(size / 110),
  ],
  ['propertyNames', { propertyNames: { maxLength: 100 } }, (size) => wide(size / 110)],
  [
    'items in many ways',
    {
      items: {
        allOf: [
          { type: 'number' },
          { not: { type: 'string' } },
          { anyOf: [{ minimum: 0 }, true] },
          { oneOf: [{ minimum: 0 }, false] },
        ],
      },
    },
    (size) => times(size / 16, (at) => at),
  ],
  [
    'references',
    { items: { $ref: '#/$defs/a' }, $defs: { a: { type: 'number' } } },
    (size) => times(size / 8, (at) => at),
  ],
  [
    'the counts of properties',
    { minProperties: 1, maxProperties: 1e9 },
    (size) => wide(size / 110),
  ],
];

const schemas: readonly (readonly [string, (size: number) => object])[] = [
  [
    'many properties',
    (size) => ({
      properties: Object.fromEntries(times(size / 40, (at) => [`n${at}`, { type: 'string' }])),
    }),
  ],
  ['many alternatives', (size) => ({ anyOf: times(size / 40, () => ({ type: 'string' })) })],
  ['a long enum', (size) => ({ enum: times(size / 16, (at) => ({ at })) })],
  [
    'many references',
    (size) => ({ $defs: { a: {} }, allOf: times(size / 40, () => ({ $ref: '#/$defs/a' })) }),
  ],
  ['many anchors', (size) => ({ allOf: times(size / 40, (at) => ({ $anchor: `a${at}` })) })],
  ['many resources', (size) => ({ allOf: times(size / 80, (at) => ({ $id: `a${at}` })) })],
  ['many required names', (size) => ({ required: times(size / 10, (at) => `n${at}`) })],
  [
    'a chain of references',
    (size) => ({
      $ref: '#/$defs/n0',
      $defs: Object.fromEntries(
        times(size / 40, (at) => [
          `n${at}`,
          { $ref: `#/$defs/n${at + 1 < Math.floor(size / 40) ? at + 1 : 0}` },
        ]),
      ),
    }),
  ],
];

/** What makes matchers that go back take for ever, and what makes machines large. */
const patterns = [
  '^(a+)+$',
  '(a*)*b',
  '(a|a)*$',
  '(a|aa)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(.*)(.*)(.*)(.*)x',
  'a{500}',
  '(a?){50}a{50}',
  '(((a*)*)*)*b',
  '\\p{L}+1',
  '[^a]*b',
  '(\\w+\\s?)+$',
  '\\b(a+\\b)*$',
];
const subjects = ['a', 'ab', 'a ', 'é', '😀'];
/** Texts for patterns are passed over beyond this. */
const subjectMax = 4096;

/** Two dozen texts of a megabyte each would take long without saying more. */
const manyBytes = 128 * 1024;

const formatTexts: { readonly [format: string]: readonly string[] } = {
  email: ['a', 'a.', '@', 'a@', '"', '\\', '"\\"', 'a-', '-'],
  uri: ['a', 'a:', '%', '%41', '/', '//', '#', '[', ':', '@', '1'],
  date: ['1', '-'],
  'date-time': ['1', '2026-01-01T00:00:00.', 'T'],
  uuid: ['a', '-'],
  ipv4: ['1', '1.', '.'],
};
const formatStarts: { readonly [format: string]: readonly string[] } = {
  email: ['', 'a@', '"', 'a@['],
  uri: ['', 'a:', 'a://', 'a://[', 'a:///'],
  'date-time': ['', '2026-01-01T00:00:00.'],
};

export const schemaRows: readonly Row[] = [
  ...checks.map(([name, schema, make]) => {
    const compiled = compileSchema(schema, bounds);
    return row(compiling, name, make, (value) => compiled.check(value));
  }),
  ...schemas.map(([name, make]) =>
    row(compiling, `reading ${name}`, make, (schema) => compileSchema(schema, bounds)),
  ),
  ...patterns.map((source) => {
    const pattern = linearPattern(source)!;
    return rowOfAll(
      'json-schema/pattern.linearPattern',
      source,
      subjects.map((part) => (size) => `${fill(part, size)}!`),
      (text) => pattern.test(text, free),
      subjectMax,
    );
  }),
  ...['a', '(a)', 'a|', '[a-z]', 'a?', '(?:', 'a{2}', '\\d', '[\\p{L}]', '\\'].map((part) =>
    row(
      'json-schema/pattern.linearPattern json-schema/pattern-syntax.readPattern json-schema/pattern-program.assemble',
      `reading ${part}`,
      (size) => fill(part, size),
      (source) => linearPattern(source),
      subjectMax,
    ),
  ),
  row(
    'json-schema/pattern-syntax.readPattern',
    'a class of many ranges',
    (size) => `[${fill('a-zA-Z', size)}]`,
    (source) => linearPattern(source),
    subjectMax - 2,
  ),
  row(
    'json-schema/canonical.canonical',
    'many names',
    (size) => wide(size / 110),
    (value) => canonical(value, free),
  ),
  row(
    'json-schema/canonical.canonical',
    'many lists',
    (size) => times(size / 8, (at) => [at]),
    (value) => canonical(value, free),
  ),
  row(
    'json-schema/canonical.canonical',
    'a long text',
    (size) => fill('"', size),
    (value) => canonical(value, free),
  ),
  row(
    'json-schema/defaults.applyDefaults',
    'many properties',
    (size) => ({
      schema: {
        properties: Object.fromEntries(times(size / 40, (at) => [`n${at}`, { default: at }])),
      },
      value: {},
    }),
    ({ schema, value }) => applyDefaults(schema, value),
  ),
  row(
    'json-schema/dialect.shorten',
    'a long value',
    (size) => times(size / 8, (at) => at),
    shorten,
  ),
  ...[...formatChecks].map(([format, fits]) =>
    rowOfAll(
      'json-schema/formats.formatChecks',
      format,
      (formatStarts[format] ?? ['']).flatMap((start) =>
        formatTexts[format]!.flatMap((part) =>
          ['', '!'].map((end) => (size: number) => start + fill(part, size) + end),
        ),
      ),
      fits,
      manyBytes,
    ),
  ),
];
