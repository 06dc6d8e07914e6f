/**
 * JSON Schema 2020-12, and draft-07 where `$schema` declares it, as a step-counted interpreter: no
 * generated code, so it runs under a strict content security policy and on edge runtimes, and
 * neither a stranger's schema nor a stranger's value can make it run for long.
 *
 * Not supported: other dialects and custom vocabularies; references to schemas outside the
 * document, the published meta-schemas included; `format` apart from the few of formats.ts, and
 * those only when asked for; `content…` keywords, which assert nothing. Patterns of an untrusted
 * schema are passed over, with a warning, when they look ahead or behind, refer back, or are very
 * long, and without one for very long texts; nothing is rejected because a pattern was passed over.
 *
 * Of the official test suite all 1,659 cases of 2020-12 and all 1,227 of draft-07 pass that stay
 * inside one document, optional ones included, `content…` excepted; see official-suite.test.ts.
 */

import { arrayKeywords } from './array-keywords.js';
import { Build } from './build.js';
import type { Compilation } from './build.js';
import { schemaFault, shorten } from './dialect.js';
import { logicKeywords, reference } from './logic-keywords.js';
import { objectKeywords } from './object-keywords.js';
import { linearPattern } from './pattern.js';
import type { PatternTest } from './pattern.js';
import { collectResources, isSchemaObject } from './resources.js';
import type { Location, Resource, SchemaObject } from './resources.js';
import { issueOfEnd, Run } from './run.js';
import type { Check, Node, SchemaIssue } from './run.js';
import { scalarKeywords, typeCheck } from './scalar-keywords.js';
import { withUnevaluated } from './unevaluated-keywords.js';

export interface SchemaBounds {
  /** Levels of subschemas, `schemaDepthMax` in limits.ts. */
  readonly depthMax: number;
  /** Subschemas in all, `schemaNodesMax`. */
  readonly nodesMax: number;
  /** Work of checking one value, `schemaStepsMax`. */
  readonly stepsMax: number;
}

export interface SchemaOptions {
  /** The schema is this program's own, so its patterns are evaluated whatever they cost. */
  readonly trusted?: boolean;
  /** Checks email, uri, date, date-time, uuid and ipv4 instead of only naming them. */
  readonly assertFormat?: boolean;
}

export interface CompiledSchema {
  /** Sentences about parts of the schema that are passed over. */
  readonly warnings: readonly string[];
  /** What is wrong with `value`, in the order found and not more than 16; empty when it fits. */
  check(value: unknown): readonly SchemaIssue[];
}

/** Reads a schema once, so that many values can be checked fast. Throws if it is not usable. */
export function compileSchema(
  schema: unknown,
  bounds: SchemaBounds,
  options: SchemaOptions = {},
): CompiledSchema {
  const resources = collectResources(schema, bounds);
  const warnings: string[] = [];
  const nodes = new Map<object, Node>();
  const peers = peerPatterns();
  const unfinished: [SchemaObject, Node][] = [];

  const compilation: Compilation = {
    assertFormat: options.assertFormat ?? false,
    resolve: resources.resolve,
    pattern: (source, pointer) => {
      const test = options.trusted === true ? nativePattern(source, pointer) : peers(source);
      if (test === undefined) {
        warnings.push(`The pattern ${shorten(source)} at "${pointer}" is passed over.`);
      }
      return test;
    },
    node: (one) => {
      if (!isSchemaObject(one)) return one === true ? anything : nothing;
      const known = nodes.get(one);
      if (known !== undefined) return known;
      const node: Node = { check: accept };
      nodes.set(one, node);
      unfinished.push([one, node]);
      return node;
    },
  };

  // Also those that nothing refers to: a schema is usable as a whole or not at all. The map grows
  // while it is walked, when a reference leads to a place that no keyword holds. Nodes wait in a
  // list instead of being finished at once, so that a long chain of references needs no stack.
  const root = compilation.node(schema);
  for (const [located, location] of resources.locations) {
    compilation.node(located);
    for (let next = unfinished.pop(); next !== undefined; next = unfinished.pop()) {
      const [one, node] = next;
      const at = resources.locations.get(one) ?? location;
      node.check = inScope(buildCheck(one, at, compilation), one, at, resources.root);
    }
  }

  return {
    warnings,
    check: (value) => {
      const run = new Run(bounds.stepsMax, resources.root);
      try {
        root.check(value, run);
      } catch (thrown) {
        const issue = issueOfEnd(thrown);
        return issue === undefined ? run.issues : [issue];
      }
      return run.issues;
    },
  };
}

const accept: Check = () => true;
const anything: Node = { check: accept };
const nothing: Node = { check: (_, run) => run.fail('is not allowed') };

const keywords = [...scalarKeywords, ...arrayKeywords, ...objectKeywords, ...logicKeywords];

function buildCheck(schema: SchemaObject, location: Location, compilation: Compilation): Check {
  const build = new Build(schema, location, compilation);
  if (build.dialect === 'draft-07' && schema['$ref'] !== undefined) {
    return reference(build) ?? accept;
  }
  const type = typeCheck(build);
  const others = keywords.flatMap((keyword) => keyword(build) ?? []);
  return withUnevaluated(build, typeThen(type, inTurn(others)));
}

function typeThen(type: Check | undefined, others: Check | undefined): Check {
  if (type === undefined) return others ?? accept;
  if (others === undefined) return type;
  return (value, run) => type(value, run) && others(value, run);
}

/** All checks, even after one has failed if that is to be reported. */
function inTurn(checks: readonly Check[]): Check | undefined {
  const [first, second, ...more] = checks;
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  if (more.length === 0) {
    return (value, run) => {
      const fits = first(value, run);
      return (fits || run.quiet === 0) && second(value, run) && fits;
    };
  }
  return (value, run) => {
    let fits = true;
    for (const check of checks) {
      if (check(value, run)) continue;
      fits = false;
      if (run.quiet > 0) break;
    }
    return fits;
  };
}

/** Entering a resource other than the document itself extends what a `$dynamicRef` sees. */
function inScope(check: Check, schema: SchemaObject, location: Location, root: Resource): Check {
  const { resource } = location;
  if (resource.root !== schema || resource === root) return check;
  return (value, run) => {
    run.scopes.push(resource);
    const fits = check(value, run);
    run.scopes.pop();
    return fits;
  };
}

/** Makes the patterns of one schema, until they are too many together. */
function peerPatterns(): (source: string) => PatternTest | undefined {
  let sizeLeft = patternSizeMax;
  return (source) => {
    if (sizeLeft <= 0) return undefined;
    const pattern = linearPattern(source);
    sizeLeft -= pattern?.size ?? refusedPatternSize;
    if (pattern === undefined || sizeLeft < 0) return undefined;
    return (text, run) => (text.length > subjectLengthMax ? undefined : pattern.test(text, run));
  };
}

// Some twenty very long patterns, or five hundred common ones.
const patternSizeMax = 20_000;
// To find that a pattern is too much takes work too.
const refusedPatternSize = 500;
// Matching is linear, but not for nothing.
const subjectLengthMax = 4096;

/** Only for the author's own schemas: the engine's matching may take exponential time. */
function nativePattern(source: string, pointer: string): PatternTest {
  for (const flags of ['u', '']) {
    try {
      const expression = new RegExp(source, flags);
      return (text) => expression.test(text);
    } catch {
      // Without the flag, escapes that mean nothing are allowed.
    }
  }
  throw schemaFault(pointer, `${shorten(source)} is not a regular expression.`);
}
