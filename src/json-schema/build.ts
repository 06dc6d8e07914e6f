/** What the keywords are given to build their checks with: their schema, read and validated. */

import { schemaFault } from './dialect.js';
import type { Dialect } from './dialect.js';
import type { PatternTest } from './pattern.js';
import { isSchemaObject } from './resources.js';
import type { Location, SchemaObject, Target } from './resources.js';
import type { Check, Node } from './run.js';

/** What one compilation offers to every schema in it. */
export interface Compilation {
  readonly assertFormat: boolean;
  /** The node of any subschema; made on first use, so that references may form circles. */
  node(schema: unknown): Node;
  resolve(reference: unknown, from: Location, keyword: string): Target;
  /** A test for `source`, or undefined, with a warning, when it will not be evaluated. */
  pattern(source: string, pointer: string): PatternTest | undefined;
}

/** One schema object, seen by its keywords. */
export class Build {
  readonly schema: SchemaObject;
  readonly location: Location;
  readonly compilation: Compilation;

  constructor(schema: SchemaObject, location: Location, compilation: Compilation) {
    this.schema = schema;
    this.location = location;
    this.compilation = compilation;
  }

  get dialect(): Dialect {
    return this.location.resource.dialect;
  }

  fault(keyword: string, sentence: string): Error {
    return schemaFault(`${this.location.pointer}/${keyword}`, sentence);
  }

  number(keyword: string): number | undefined {
    const value = this.schema[keyword];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.fault(keyword, 'It must be a number.');
  }

  count(keyword: string): number | undefined {
    const value = this.number(keyword);
    if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
    throw this.fault(keyword, 'It must be a whole number of at least 0.');
  }

  string(keyword: string): string | undefined {
    const value = this.schema[keyword];
    if (value === undefined || typeof value === 'string') return value;
    throw this.fault(keyword, 'It must be a string.');
  }

  boolean(keyword: string): boolean | undefined {
    const value = this.schema[keyword];
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.fault(keyword, 'It must be true or false.');
  }

  names(keyword: string, value: unknown = this.schema[keyword]): readonly string[] | undefined {
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw this.fault(keyword, 'It must be a list of names.');
  }

  /** The members of an object-valued keyword. */
  members(keyword: string): readonly (readonly [string, unknown])[] | undefined {
    const value = this.schema[keyword];
    if (value === undefined) return undefined;
    if (isSchemaObject(value)) return Object.entries(value);
    throw this.fault(keyword, 'It must be an object.');
  }

  node(keyword: string): Node | undefined {
    const schema = this.schema[keyword];
    return schema === undefined ? undefined : this.compilation.node(schema);
  }

  nodes(keyword: string): readonly Node[] | undefined {
    const schemas = this.schema[keyword];
    if (!Array.isArray(schemas)) return undefined;
    if (schemas.length > 0) return schemas.map((schema) => this.compilation.node(schema));
    throw this.fault(keyword, 'It must have at least one schema.');
  }

  nodeMap(keyword: string): ReadonlyMap<string, Node> | undefined {
    const members = this.members(keyword);
    return members && new Map(members.map(([name, one]) => [name, this.compilation.node(one)]));
  }

  target(keyword: string): Target {
    return this.compilation.resolve(this.schema[keyword], this.location, keyword);
  }

  pattern(keyword: string, source: string): PatternTest | undefined {
    return this.compilation.pattern(source, `${this.location.pointer}/${keyword}`);
  }
}

/** A keyword, or several that work together: its check, or undefined where it says nothing. */
export type Keyword = (build: Build) => Check | undefined;
