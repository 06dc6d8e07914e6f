/** Keywords that put other schemas to the same value: and, or, not, if, references. */

import type { Build, Keyword } from './build.js';
import { has } from './object-keywords.js';
import { isSchemaObject } from './resources.js';
import type { Check, Node, Run } from './run.js';
import { isOfType, typeSentence } from './scalar-keywords.js';

export const logicKeywords: readonly Keyword[] = [
  reference,
  dynamicReference,
  allOf,
  anyOf,
  oneOf,
  not,
  ifThenElse,
  dependentSchemas,
];

/** `$ref`. In draft-07 it is the only keyword of its schema that counts. */
export function reference(build: Build): Check | undefined {
  if (build.schema['$ref'] === undefined) return undefined;
  const target = build.target('$ref');
  const node = build.compilation.node(target.schema);
  const levels = build.location.depth + 1;
  // A node that is the root of its resource enters the scope by itself.
  const entersScope =
    target.resource !== build.location.resource && target.resource.root !== target.schema;
  return (value, run) => {
    run.spend(1);
    run.descend(levels);
    if (entersScope) run.scopes.push(target.resource);
    const fits = node.check(value, run);
    if (entersScope) run.scopes.pop();
    run.ascend(levels);
    return fits;
  };
}

function dynamicReference(build: Build): Check | undefined {
  if (build.dialect === 'draft-07' || build.schema['$dynamicRef'] === undefined) return undefined;
  const target = build.target('$dynamicRef');
  const fixed = build.compilation.node(target.schema);
  const name = target.dynamicName;
  const levels = build.location.depth + 1;
  return (value, run) => {
    run.spend(1 + run.scopes.length);
    run.descend(levels);
    const scope = name && run.scopes.find((one) => one.dynamicAnchors.has(name));
    const schema = name && scope ? scope.dynamicAnchors.get(name) : undefined;
    const node = schema === undefined ? fixed : build.compilation.node(schema);
    const fits = node.check(value, run);
    run.ascend(levels);
    return fits;
  };
}

function allOf(build: Build): Check | undefined {
  const nodes = build.nodes('allOf');
  if (nodes === undefined) return undefined;
  return (value, run) => {
    run.spend(nodes.length);
    let fits = true;
    for (const node of nodes) {
      if (node.check(value, run)) continue;
      fits = false;
      if (run.quiet > 0) break;
    }
    return fits;
  };
}

function anyOf(build: Build): Check | undefined {
  const nodes = build.nodes('anyOf');
  if (nodes === undefined) return undefined;
  const explain = explainer(build, 'anyOf', nodes);
  return (value, run) => {
    run.spend(nodes.length);
    let fits = false;
    for (const node of nodes) {
      if (!run.attempt(node, value)) continue;
      fits = true;
      if (run.evaluated === undefined) break;
    }
    return fits || explain(value, run);
  };
}

function oneOf(build: Build): Check | undefined {
  const nodes = build.nodes('oneOf');
  if (nodes === undefined) return undefined;
  const explain = explainer(build, 'oneOf', nodes);
  const message = `must match only one of ${nodes.length} alternatives, but matches several`;
  return (value, run) => {
    run.spend(nodes.length);
    const unsureBefore = run.unsure;
    run.unsure = false;
    let matches = 0;
    for (const node of nodes) if (run.attempt(node, value)) matches += 1;
    const unsure = run.unsure;
    run.unsure = unsure || unsureBefore;
    if (matches === 0) return explain(value, run);
    return matches === 1 || unsure || run.fail(message);
  };
}

/** Reports why no alternative fits, in the words of the only one that was meant if there is one. */
function explainer(build: Build, keyword: string, nodes: readonly Node[]): Check {
  const schemas = build.schema[keyword] as readonly unknown[];
  const types = schemas.map((schema) => declaredTypes(schema));
  const general = `must match at least one of ${nodes.length} alternatives`;
  const everyType = types.every((names) => names !== undefined) ? types.flat() : undefined;
  return (value, run) => {
    if (run.quiet > 0) return false;
    const meant = nodes.filter((_, index) => {
      const names = types[index];
      return names === undefined || names.some((name) => isOfType(name, value));
    });
    const [only, ...others] = meant;
    if (only === undefined && everyType !== undefined) {
      return run.fail(`must be ${typeSentence([...new Set(everyType)])}`);
    }
    if (only === undefined || others.length > 0) return run.fail(general);
    // Not quiet this time, so that its issues are reported.
    only.check(value, run);
    return false;
  };
}

function declaredTypes(schema: unknown): readonly string[] | undefined {
  if (!isSchemaObject(schema)) return undefined;
  const declared = schema['type'];
  if (typeof declared === 'string') return [declared];
  return Array.isArray(declared) ? declared.filter((name) => typeof name === 'string') : undefined;
}

function not(build: Build): Check | undefined {
  const node = build.node('not');
  if (node === undefined) return undefined;
  return (value, run) => {
    run.spend(1);
    const { fits, unsure } = probeSurely(run, node, value);
    return !fits || unsure || run.fail('is of a kind that is not allowed');
  };
}

function ifThenElse(build: Build): Check | undefined {
  const condition = build.node('if');
  const consequence = build.node('then');
  const alternative = build.node('else');
  if (condition === undefined) return undefined;
  return (value, run) => {
    run.spend(1);
    const unsureBefore = run.unsure;
    run.unsure = false;
    const fits = run.attempt(condition, value);
    const unsure = run.unsure;
    run.unsure = unsure || unsureBefore;
    if (fits && unsure) return true;
    return (fits ? consequence : alternative)?.check(value, run) ?? true;
  };
}

/** A verdict, and whether it rests on a pattern that was passed over. */
function probeSurely(run: Run, node: Node, value: unknown): { fits: boolean; unsure: boolean } {
  const unsureBefore = run.unsure;
  run.unsure = false;
  const fits = run.probe(node, value);
  const unsure = run.unsure;
  run.unsure = unsure || unsureBefore;
  return { fits, unsure };
}

/** Also the schemas among the older `dependencies`, which 2020-12 still tolerates. */
function dependentSchemas(build: Build): Check | undefined {
  const older = (build.members('dependencies') ?? []).filter(([, held]) => !Array.isArray(held));
  const modern = build.dialect === 'draft-07' ? undefined : build.members('dependentSchemas');
  const rules = [...older, ...(modern ?? [])].map(([name, schema]) => ({
    name,
    node: build.compilation.node(schema),
  }));
  if (rules.length === 0) return undefined;
  return (value, run) => {
    if (!isSchemaObject(value)) return true;
    run.spend(rules.length);
    let fits = true;
    for (const { name, node } of rules) {
      if (has(value, name)) fits = node.check(value, run) && fits;
    }
    return fits;
  };
}
