/** Keywords that look at the properties of an object. */

import type { Build, Keyword } from './build.js';
import { shorten } from './dialect.js';
import type { PatternTest } from './pattern.js';
import { isSchemaObject } from './resources.js';
import type { Check, Node, Run } from './run.js';
import { plural } from './scalar-keywords.js';

export const objectKeywords: readonly Keyword[] = [
  required,
  members,
  propertyNames,
  minProperties,
  maxProperties,
  dependentRequired,
];

/** Calls `each` for every property that JSON would have; undefined values count as absent. */
export function eachProperty(
  value: Readonly<Record<string, unknown>>,
  run: Run,
  each: (name: string, member: unknown) => boolean,
): boolean {
  let fits = true;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const member = value[name];
    if (member === undefined) continue;
    run.spend(1);
    if (each(name, member)) continue;
    fits = false;
    if (run.quiet > 0) break;
  }
  return fits;
}

/** Checks one property or item in its own place. */
export function checkInside(node: Node, key: string | number, value: unknown, run: Run): boolean {
  run.path.push(key);
  const fits = node.check(value, run);
  run.path.pop();
  return fits;
}

/** Whether `value` has `name` as JSON would have it. */
export function has(value: Readonly<Record<string, unknown>>, name: string): boolean {
  return value[name] !== undefined && Object.hasOwn(value, name);
}

function required(build: Build): Check | undefined {
  const names = build.names('required');
  if (names === undefined || names.length === 0) return undefined;
  return (value, run) => !isSchemaObject(value) || hasAll(value, names, 'is required', run);
}

function hasAll(
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
  message: string,
  run: Run,
): boolean {
  let fits = true;
  run.spend(names.length >> 3);
  for (const name of names) {
    if (has(value, name)) continue;
    fits = run.failAt(name, message);
    if (run.quiet > 0) break;
  }
  return fits;
}

interface PatternMember {
  /** Undefined when the pattern is not evaluated. */
  readonly test: PatternTest | undefined;
  readonly node: Node;
}

/** `properties`, `patternProperties` and `additionalProperties`, which depend on one another. */
function members(build: Build): Check | undefined {
  const declared = build.nodeMap('properties');
  const patterns = [...(build.nodeMap('patternProperties') ?? [])].map(
    ([source, node]): PatternMember => ({ test: build.pattern('patternProperties', source), node }),
  );
  const additional = build.node('additionalProperties');
  if (patterns.length > 0) return patternMembers(declared ?? new Map(), patterns, additional);
  if (additional !== undefined) return closedMembers(declared ?? new Map(), additional);
  return declared === undefined || declared.size === 0 ? undefined : openMembers(declared);
}

/** Only the declared properties matter. */
function openMembers(declared: ReadonlyMap<string, Node>): Check {
  const entries = [...declared];
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    const evaluated = run.evaluated;
    run.evaluated = undefined;
    run.spend(entries.length);
    let fits = true;
    for (const [name, node] of entries) {
      if (!has(value, name)) continue;
      evaluated?.properties.add(name);
      if (checkInside(node, name, value[name], run)) continue;
      fits = false;
      if (run.quiet > 0) break;
    }
    run.evaluated = evaluated;
    return fits;
  };
}

/** Every property is either declared or additional. */
function closedMembers(declared: ReadonlyMap<string, Node>, additional: Node): Check {
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    const evaluated = run.evaluated;
    run.evaluated = undefined;
    const fits = eachProperty(value, run, (name, member) =>
      checkInside(declared.get(name) ?? additional, name, member, run),
    );
    if (evaluated !== undefined) evaluated.allProperties = true;
    run.evaluated = evaluated;
    return fits;
  };
}

function patternMembers(
  declared: ReadonlyMap<string, Node>,
  patterns: readonly PatternMember[],
  additional: Node | undefined,
): Check {
  const checkMember = (name: string, member: unknown, run: Run): boolean | undefined => {
    const node = declared.get(name);
    let known = node !== undefined;
    let fits = node === undefined || checkInside(node, name, member, run);
    for (const pattern of patterns) {
      const matches = pattern.test?.(name, run);
      if (matches === undefined) {
        // The property might belong to this pattern, so it is not taken for an additional one.
        run.unsure = true;
        known = true;
      } else if (matches) {
        known = true;
        fits = checkInside(pattern.node, name, member, run) && fits;
      }
    }
    if (known) return fits;
    return additional === undefined ? undefined : checkInside(additional, name, member, run);
  };
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    const evaluated = run.evaluated;
    run.evaluated = undefined;
    const fits = eachProperty(value, run, (name, member) => {
      const verdict = checkMember(name, member, run);
      if (verdict !== undefined) evaluated?.properties.add(name);
      return verdict ?? true;
    });
    run.evaluated = evaluated;
    return fits;
  };
}

function propertyNames(build: Build): Check | undefined {
  const node = build.node('propertyNames');
  if (node === undefined) return undefined;
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    return eachProperty(
      value,
      run,
      (name) => run.probe(node, name) || run.failAt(name, 'has a name that is not allowed'),
    );
  };
}

function minProperties(build: Build): Check | undefined {
  const least = build.count('minProperties');
  if (least === undefined) return undefined;
  const message = `must have at least ${plural(least, 'property', 'properties')}`;
  return (value, run) =>
    !isSchemaObject(value) || propertyCount(value, run) >= least || run.fail(message);
}

function maxProperties(build: Build): Check | undefined {
  const most = build.count('maxProperties');
  if (most === undefined) return undefined;
  const message = `must have at most ${plural(most, 'property', 'properties')}`;
  return (value, run) =>
    !isSchemaObject(value) || propertyCount(value, run) <= most || run.fail(message);
}

function propertyCount(value: Readonly<Record<string, unknown>>, run: Run): number {
  let count = 0;
  eachProperty(value, run, () => {
    count += 1;
    return true;
  });
  return count;
}

/** Also the lists of names among the older `dependencies`, which 2020-12 still tolerates. */
function dependentRequired(build: Build): Check | undefined {
  const older = (build.members('dependencies') ?? []).filter(([, held]) => Array.isArray(held));
  const modern = build.dialect === 'draft-07' ? undefined : build.members('dependentRequired');
  const rules = [...older, ...(modern ?? [])].map(([name, names]) => ({
    name,
    names: build.names('dependentRequired', names) ?? [],
    message: `is required when ${shorten(name)} is given`,
  }));
  if (rules.length === 0) return undefined;
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    run.spend(rules.length);
    let fits = true;
    for (const { name, names, message } of rules) {
      if (has(value, name)) fits = hasAll(value, names, message, run) && fits;
    }
    return fits;
  };
}
