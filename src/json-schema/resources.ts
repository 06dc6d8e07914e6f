/** Every subschema of one schema document: where it stands and by what names it can be found. */

import { holdings, readDialect, schemaFault, shorten } from './dialect.js';
import type { Dialect } from './dialect.js';
import type { Scope } from './run.js';

export type SchemaObject = Readonly<Record<string, unknown>>;

/** A schema with an identifier of its own, and the root of the document. */
export interface Resource extends Scope {
  readonly base: string;
  readonly root: unknown;
  readonly dialect: Dialect;
  readonly anchors: Map<string, object>;
  readonly dynamicAnchors: Map<string, object>;
}

export interface Location {
  readonly resource: Resource;
  readonly pointer: string;
  readonly depth: number;
}

export interface Resources {
  readonly root: Resource;
  readonly locations: ReadonlyMap<object, Location>;
  /** What a reference written at `from` points at. Throws when this document does not have it. */
  resolve(reference: unknown, from: Location, keyword: string): Target;
}

export interface Target {
  readonly schema: unknown;
  readonly resource: Resource;
  /** Set when the reference names a `$dynamicAnchor`. */
  readonly dynamicName: string | undefined;
}

export interface ResourceBounds {
  readonly depthMax: number;
  readonly nodesMax: number;
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks the whole document once, within the bounds. */
export function collectResources(schema: unknown, bounds: ResourceBounds): Resources {
  const locations = new Map<object, Location>();
  const byUri = new Map<string, Resource>();
  const dialect =
    isSchemaObject(schema) && schema['$schema'] !== undefined
      ? readDialect(schema['$schema'], '#')
      : '2020-12';
  const root = newResource(documentBase, schema, dialect);
  byUri.set(documentBase, root);
  let nodes = 0;

  const visit = (value: unknown, inherited: Resource, pointer: string, depth: number): void => {
    nodes += 1;
    if (nodes > bounds.nodesMax) {
      throw schemaFault(pointer, `It has more than ${bounds.nodesMax} subschemas.`);
    }
    if (depth > bounds.depthMax) {
      throw schemaFault(pointer, `It nests more than ${bounds.depthMax} levels deep.`);
    }
    if (typeof value === 'boolean') return;
    if (!isSchemaObject(value)) {
      throw schemaFault(pointer, 'A schema must be an object, true or false.');
    }
    const resource = enterResource(value, inherited, pointer, byUri);
    if (!locations.has(value)) locations.set(value, { resource, pointer, depth });
    nameAnchors(value, resource, pointer);
    eachSubschema(value, resource.dialect, pointer, (child, at) => {
      visit(child, resource, at, depth + 1);
    });
  };

  visit(schema, root, '#', 1);
  return {
    root: (isSchemaObject(schema) ? locations.get(schema)?.resource : undefined) ?? root,
    locations,
    resolve: (reference, from, keyword) => {
      const at = `${from.pointer}/${keyword}`;
      const { uri, fragment } = splitReference(reference, from.resource.base, at);
      const resource = byUri.get(uri);
      if (resource === undefined) throw schemaFault(at, unresolved(uri, reference));
      if (fragment !== '' && !fragment.startsWith('/')) {
        const schema = resource.anchors.get(fragment);
        if (schema === undefined) throw schemaFault(at, unresolved(uri, reference));
        const dynamicName = resource.dynamicAnchors.has(fragment) ? fragment : undefined;
        return { schema, resource: locations.get(schema)?.resource ?? resource, dynamicName };
      }
      const found = followPointer(resource, fragment, locations);
      if (found === undefined) throw schemaFault(at, unresolved(uri, reference));
      // A pointer may lead to a place that no keyword holds, such as "#/components/schemas/A".
      if (!(isSchemaObject(found.schema) && locations.has(found.schema))) {
        visit(found.schema, found.resource, `#${fragment}`, found.depth + 1);
      }
      return { schema: found.schema, resource: found.resource, dynamicName: undefined };
    },
  };
}

// Stands for "the document itself" where it has no `$id`; it never leaves this file.
const documentBase = 'schema://document/';

function newResource(base: string, root: unknown, dialect: Dialect): Resource {
  return { base, root, dialect, anchors: new Map(), dynamicAnchors: new Map() };
}

/** The resource that `schema` belongs to: a new one if it has an identifier of its own. */
function enterResource(
  schema: SchemaObject,
  inherited: Resource,
  pointer: string,
  byUri: Map<string, Resource>,
): Resource {
  const id = schema['$id'];
  if (id === undefined) return inherited;
  if (typeof id !== 'string') throw schemaFault(`${pointer}/$id`, 'It must be a string.');
  // In draft-07 a `$ref` hides everything beside it, and "#name" names an anchor, not a resource.
  if (inherited.dialect === 'draft-07' && (schema['$ref'] !== undefined || id.startsWith('#'))) {
    return inherited;
  }
  const { uri, fragment } = splitReference(id, inherited.base, `${pointer}/$id`);
  if (fragment !== '') throw schemaFault(`${pointer}/$id`, 'It must not have a fragment.');
  const known = byUri.get(uri);
  if (known !== undefined && known.root !== schema) {
    throw schemaFault(`${pointer}/$id`, `Two schemas are called ${shorten(id)}.`);
  }
  if (known !== undefined) return known;
  const declared = schema['$schema'];
  const dialect = declared === undefined ? inherited.dialect : readDialect(declared, pointer);
  const resource = newResource(uri, schema, dialect);
  byUri.set(uri, resource);
  return resource;
}

function nameAnchors(schema: SchemaObject, resource: Resource, pointer: string): void {
  const id = schema['$id'];
  if (resource.dialect === 'draft-07') {
    if (typeof id === 'string' && id.length > 1 && id.startsWith('#')) {
      nameAnchor(resource.anchors, id.slice(1), schema, `${pointer}/$id`);
    }
    return;
  }
  for (const keyword of ['$anchor', '$dynamicAnchor']) {
    const name = schema[keyword];
    if (name === undefined) continue;
    nameAnchor(resource.anchors, name, schema, `${pointer}/${keyword}`);
    if (keyword === '$dynamicAnchor') resource.dynamicAnchors.set(name as string, schema);
  }
}

function nameAnchor(
  anchors: Map<string, object>,
  name: unknown,
  schema: object,
  pointer: string,
): void {
  if (typeof name !== 'string' || name === '' || name.startsWith('/')) {
    throw schemaFault(pointer, 'It must be a name.');
  }
  const known = anchors.get(name);
  if (known !== undefined && known !== schema) {
    throw schemaFault(pointer, `Two schemas have the anchor ${shorten(name)}.`);
  }
  anchors.set(name, schema);
}

function eachSubschema(
  schema: SchemaObject,
  dialect: Dialect,
  pointer: string,
  found: (child: unknown, pointer: string) => void,
): void {
  const refHides = dialect === 'draft-07' && schema['$ref'] !== undefined;
  for (const [keyword, holding] of holdings(dialect)) {
    const held = schema[keyword];
    if (held === undefined) continue;
    if (refHides && keyword !== 'definitions' && keyword !== '$defs') continue;
    const at = `${pointer}/${keyword}`;
    if (holding === 'map') {
      if (!isSchemaObject(held)) throw schemaFault(at, 'It must be an object.');
      for (const [name, child] of Object.entries(held)) {
        // The values of `dependencies` are schemas or lists of names.
        if (keyword === 'dependencies' && Array.isArray(child)) continue;
        found(child, `${at}/${escapeToken(name)}`);
      }
    } else if (holding === 'list' || (holding === 'schemaOrList' && Array.isArray(held))) {
      if (!Array.isArray(held)) throw schemaFault(at, 'It must be a list of schemas.');
      held.forEach((child, index) => found(child, `${at}/${index}`));
    } else {
      found(held, at);
    }
  }
}

function splitReference(
  reference: unknown,
  base: string,
  pointer: string,
): { uri: string; fragment: string } {
  if (typeof reference !== 'string') throw schemaFault(pointer, 'It must be a string.');
  try {
    const url = new URL(reference, base);
    const fragment = decodeURIComponent(url.hash.slice(1));
    url.hash = '';
    return { uri: url.href, fragment };
  } catch {
    throw schemaFault(pointer, `${shorten(reference)} is not a URI reference.`);
  }
}

function unresolved(uri: string, reference: unknown): string {
  return uri.startsWith('http:') || uri.startsWith('https:')
    ? `The reference ${shorten(reference)} leaves this document, and nothing is ever fetched.`
    : `The reference ${shorten(reference)} points at nothing in this document.`;
}

function followPointer(
  resource: Resource,
  pointer: string,
  locations: ReadonlyMap<object, Location>,
): { schema: unknown; resource: Resource; depth: number } | undefined {
  let current = resource.root;
  let nearest = { resource, depth: 0 };
  const note = (): void => {
    const location = isSchemaObject(current) ? locations.get(current) : undefined;
    if (location !== undefined) nearest = location;
  };
  note();
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null) return undefined;
    if (!Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
    note();
  }
  return { schema: current, resource: nearest.resource, depth: nearest.depth };
}

function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
