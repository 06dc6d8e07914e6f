/** The two dialects of JSON Schema that are understood, and where each keeps its subschemas. */

import { McpError } from '../errors.js';

export type Dialect = '2020-12' | 'draft-07';

/** How a keyword holds subschemas: one, a list of them, or one for each name. */
export type Holding = 'schema' | 'list' | 'map' | 'schemaOrList';

/** The dialect that `$schema` declares. */
export function readDialect(declared: unknown, pointer: string): Dialect {
  const dialect = typeof declared === 'string' ? dialects.get(declared) : undefined;
  if (dialect !== undefined) return dialect;
  throw schemaFault(
    `${pointer}/$schema`,
    `The dialect ${shorten(declared)} is not supported; use 2020-12 or draft-07.`,
  );
}

/** Keywords of a dialect under which subschemas stand. */
export function holdings(dialect: Dialect): ReadonlyMap<string, Holding> {
  return dialect === 'draft-07' ? draft07 : draft2020;
}

export function schemaFault(pointer: string, sentence: string): McpError {
  return new McpError(
    'invalidParams',
    `The JSON Schema is not usable at "${pointer}". ${sentence}`,
  );
}

/** A short form of any value, for messages. */
export function shorten(value: unknown): string {
  let text: string = typeof value;
  try {
    text = JSON.stringify(value) ?? text;
  } catch {
    // A value that JSON cannot express is described by its type.
  }
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

const dialects: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['https://json-schema.org/draft/2020-12/schema#', '2020-12'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['http://json-schema.org/draft-07/schema#', 'draft-07'],
  ['https://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft-07/schema#', 'draft-07'],
]);

const common: readonly [string, Holding][] = [
  ['properties', 'map'],
  ['patternProperties', 'map'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['contains', 'schema'],
  ['allOf', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['dependencies', 'map'],
  ['definitions', 'map'],
  ['$defs', 'map'],
];

const draft2020: ReadonlyMap<string, Holding> = new Map<string, Holding>([
  ...common,
  ['items', 'schema'],
  ['prefixItems', 'list'],
  ['dependentSchemas', 'map'],
  ['unevaluatedProperties', 'schema'],
  ['unevaluatedItems', 'schema'],
  ['contentSchema', 'schema'],
]);

const draft07: ReadonlyMap<string, Holding> = new Map<string, Holding>([
  ...common,
  ['items', 'schemaOrList'],
  ['additionalItems', 'schema'],
]);
