/**
 * Tool parameters that HTTP headers repeat: `x-mcp-header` in a tool's inputSchema asks for it, and
 * `Mcp-Param-*` carries the value (2026-07-28 streamable-http, "Custom Headers").
 */
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';

export { decodeHeaderValue, encodeHeaderValue };

export type ParamHeaderType = 'string' | 'integer' | 'boolean';

export interface ParamHeader {
  /** The name as annotated: what follows `Mcp-Param-`. */
  readonly header: string;
  /** The whole header name in lower case. */
  readonly key: string;
  /** Where the value stands in the arguments. */
  readonly path: readonly string[];
  readonly type: ParamHeaderType;
}

export interface ParamHeaders {
  readonly headers: readonly ParamHeader[];
}

/** Why a tool's annotations break the rules; clients must then leave the tool out. */
export interface InvalidParamHeaders {
  readonly invalid: string;
}

/**
 * Finds the annotations of an inputSchema, or the rule that one of them breaks. Each must be
 * reachable through `properties` alone; anywhere else the value's place would depend on the call.
 */
export function paramHeadersOf(inputSchema: JsonObject): ParamHeaders | InvalidParamHeaders {
  const headers: ParamHeader[] = [];
  const keys = new Set<string>();
  const waiting: Place[] = [{ schema: inputSchema, path: [], fixed: true }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (!isJsonObject(place.schema)) continue;
    if (place.path.length > defaultLimits.messageDepthMax) return { invalid: 'it is too deep' };
    if (Object.hasOwn(place.schema, annotation)) {
      const found = readAnnotation(place, place.schema);
      if (typeof found === 'string') return { invalid: found };
      if (keys.has(found.key)) {
        return { invalid: `${annotation} "${found.header}" is used more than once` };
      }
      keys.add(found.key);
      headers.push(found);
    }
    waiting.push(...placesWithin(place, place.schema));
  }
  return headers.length === 0 ? none : { headers };
}

/** The headers, by lower-case name, that a client sends with `args`. */
export function paramHeadersFor(
  spec: readonly ParamHeader[],
  args: JsonObject,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { key, path } of spec) {
    const text = asText(valueAt(args, path));
    if (text !== undefined) values.set(key, encodeHeaderValue(text));
  }
  return values;
}

/**
 * Compares the headers of a request, by lower-case name, with its arguments. Returns a sentence
 * about the first that disagrees.
 */
export function compareParamHeaders(
  spec: readonly ParamHeader[],
  args: JsonObject,
  headers: ReadonlyMap<string, string>,
): string | undefined {
  for (const param of spec) {
    const problem = compareOne(param, valueAt(args, param.path), headers.get(param.key));
    if (problem !== undefined) return `Mcp-Param-${param.header} ${problem}`;
  }
  return undefined;
}

const annotation = 'x-mcp-header';
const none: ParamHeaders = Object.freeze({ headers: Object.freeze([]) });

/** A schema within the schema. `fixed` says that only `properties` led there. */
interface Place {
  readonly schema: unknown;
  readonly path: readonly string[];
  readonly fixed: boolean;
}

// Keywords that hold a schema, a list of them, or schemas by name. What stands under other
// keywords, such as default or enum, is data and may look like anything.
const oneSchema = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;
const manySchemas = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'] as const;
const namedSchemas = [
  '$defs',
  'definitions',
  'dependencies',
  'dependentSchemas',
  'patternProperties',
] as const;

function placesWithin({ path, fixed }: Place, schema: JsonObject): Place[] {
  const places: Place[] = [];
  const add = (keyword: string, part: unknown): void => {
    places.push({ schema: part, path: [...path, keyword], fixed: false });
  };
  for (const keyword of oneSchema) add(keyword, own(schema, keyword));
  for (const keyword of manySchemas) {
    const parts = own(schema, keyword);
    if (Array.isArray(parts)) for (const part of parts) add(keyword, part);
  }
  for (const keyword of namedSchemas) {
    const parts = own(schema, keyword);
    if (isJsonObject(parts)) for (const part of Object.values(parts)) add(keyword, part);
  }
  const properties = own(schema, 'properties');
  if (isJsonObject(properties)) {
    for (const [name, part] of Object.entries(properties)) {
      places.push({ schema: part, path: [...path, name], fixed });
    }
  }
  return places.filter((place) => isJsonObject(place.schema));
}

function readAnnotation({ path, fixed }: Place, schema: JsonObject): ParamHeader | string {
  const header = schema[annotation];
  const type = own(schema, 'type');
  if (typeof header !== 'string' || !isToken(header)) {
    return `${annotation} must be a header name of letters, digits and !#$%&'*+-.^_\`|~`;
  }
  if (!fixed || path.length === 0) {
    return `${annotation} "${header}" must stand on a property reached through properties alone`;
  }
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    return `${annotation} "${header}" must stand on a string, an integer or a boolean`;
  }
  return { header, key: `mcp-param-${header.toLowerCase()}`, path, type };
}

function compareOne(
  param: ParamHeader,
  value: unknown,
  header: string | undefined,
): string | undefined {
  if (value === undefined || value === null) {
    return header === undefined ? undefined : 'is sent, but the argument it repeats is not';
  }
  const text = asText(value);
  if (header === undefined) {
    // What is no single value cannot be repeated; the tool's schema refuses it.
    return text === undefined ? undefined : 'is missing, but the argument it repeats is there';
  }
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined) return 'is not well encoded';
  const equal = typeof value === 'number' ? isSameInteger(decoded, value) : decoded === text;
  return equal ? undefined : 'differs from the argument it repeats';
}

/** Digits with nothing but zeros behind the point, so that rounding hides no difference. */
function isSameInteger(text: string, value: number): boolean {
  const isInteger = text.length <= 64 && /^-?\d+(?:\.0+)?$/.test(text);
  return isInteger && Number.isSafeInteger(value) && Number(text) === value;
}

/** Text for what a header can repeat; nothing for all else. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function valueAt(args: JsonObject, path: readonly string[]): unknown {
  let value: unknown = args;
  for (const name of path) value = isJsonObject(value) ? own(value, name) : undefined;
  return value;
}

function own(holder: JsonObject, name: string): unknown {
  return Object.hasOwn(holder, name) ? holder[name] : undefined;
}

/** A token of RFC 9110, section 5.6.2. */
function isToken(text: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text) && text.length <= 128;
}
