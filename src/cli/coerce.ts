import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { usage } from './failure.js';

/**
 * Reads the text of `name=text` as what `schema` wants. Throws a usage Failure when it cannot be
 * that. `root` is the schema in which references are looked up.
 */
export function coerce(name: string, text: string, schema: unknown, root: unknown): unknown {
  const allowed = allowedBy(schema, root);
  if (allowed.size === 0 || (allowed.size === 1 && allowed.has('string'))) return text;
  const parsed = parseJson(text);
  if (parsed !== undefined && fits(parsed, allowed)) return parsed;
  if (allowed.has('array') && parsed === undefined && !allowed.has('string')) {
    return [coerce(name, text, resolve(schema, root)['items'], root)];
  }
  if (allowed.has('string')) return text;
  if (allowed.has('array')) {
    return [coerce(name, text, resolve(schema, root)['items'], root)];
  }
  const wanted = [...allowed].map((type) => described[type] ?? type).join(' or ');
  throw usage(
    `"${name}" must be ${wanted}, not "${text}".`,
    `Write it as ${example(name, allowed)}`,
  );
}

/** Whether several values of one name make a list. */
export function isList(schema: unknown, root: unknown): boolean {
  return allowedBy(schema, root).has('array');
}

/** The kinds of value a schema allows, in a few words: for help and for questions. */
export function kindOf(schema: unknown, root: unknown): string {
  const resolved = resolve(schema, root);
  const choices = resolved['enum'];
  if (Array.isArray(choices) && choices.length > 0) {
    return choices
      .slice(0, 8)
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
      .join('|');
  }
  const kinds = [...allowedBy(schema, root)];
  return kinds.length === 0 ? 'any' : kinds.join('|');
}

const described: { readonly [type: string]: string | undefined } = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  object: 'a JSON object',
  array: 'a JSON array',
};

const examples: { readonly [type: string]: string | undefined } = {
  integer: '=3',
  number: '=1.5',
  boolean: '=true',
  object: `:='{"…": …}'`,
};

function example(name: string, allowed: ReadonlySet<string>): string {
  const [type = ''] = allowed;
  return `${name}${examples[type] ?? ':=JSON'}`;
}

// Schemas come from servers: references may go in circles.
const depthMax = 8;

/** The JSON types that `schema` lets pass; none when it does not say. */
function allowedBy(schema: unknown, root: unknown, depth = 0): Set<string> {
  const resolved = resolve(schema, root);
  const { type, enum: choices, const: only } = resolved;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((one) => typeof one === 'string'));
  if (Array.isArray(choices)) return new Set(choices.map(typeOf));
  if (only !== undefined) return new Set([typeOf(only)]);
  if (depth >= depthMax) return new Set();
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const list = resolved[key];
    return Array.isArray(list) ? (list as readonly unknown[]) : [];
  });
  return new Set(parts.flatMap((part) => [...allowedBy(part, root, depth + 1)]));
}

/** Follows `$ref` to places within the same document. */
function resolve(schema: unknown, root: unknown): JsonObject {
  let current = schema;
  for (let hops = 0; hops < depthMax; hops++) {
    if (!isJsonObject(current)) return {};
    const reference = current['$ref'];
    if (typeof reference !== 'string') return current;
    current = pointed(reference, root);
  }
  return {};
}

function pointed(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  const steps = reference.slice(1).split('/').slice(1);
  let current: unknown = root;
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

function fits(value: unknown, allowed: ReadonlySet<string>): boolean {
  const type = typeOf(value);
  return allowed.has(type) || (type === 'integer' && allowed.has('number'));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
