/** The state of checking one value: where it is, what it found, how much work is left. */

import { McpError } from '../errors.js';

export interface SchemaIssue {
  /** Keys and indices from the checked value down to the part at fault. */
  readonly path: readonly (string | number)[];
  /** A sentence without its subject, such as "must be a string". */
  readonly message: string;
}

/** Says whether `value` fits; tells `run` why when it does not. */
export type Check = (value: unknown, run: Run) => boolean;

/** A compiled subschema. Its check is filled in last, so that schemas may refer to themselves. */
export interface Node {
  check: Check;
}

/** What a `$dynamicRef` looks through: the schema resources entered so far, outermost first. */
export interface Scope {
  readonly dynamicAnchors: ReadonlyMap<string, object>;
}

const issuesMax = 16;
// Each level takes about three stack frames, and a stack holds some ten thousand of them.
const levelsMax = 1000;

// Made once: throwing them costs no stack trace, and nobody but check() in compile.ts sees them.
const enoughIssues = new McpError('invalidParams', 'Enough issues were found.');
const tooMuchWork = new McpError('tooLarge', 'Checking this value takes too much work.');
const tooDeep = new McpError('tooLarge', 'Checking this value nests too deeply.');

export class Run {
  readonly issues: SchemaIssue[] = [];
  readonly path: (string | number)[] = [];
  readonly scopes: Scope[];
  /** What `unevaluated…` keywords of the schema around need to know, while there are any. */
  evaluated: Evaluated | undefined = undefined;
  /** True once a pattern was passed over: from then on "fits" may mean "perhaps fits". */
  unsure = false;
  /** Above zero while an alternative is only being tried, so that nothing is reported. */
  quiet = 0;
  #stepsLeft: number;
  #levels = 0;

  constructor(stepsMax: number, scope: Scope) {
    this.#stepsLeft = stepsMax;
    this.scopes = [scope];
  }

  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw tooMuchWork;
  }

  descend(levels: number): void {
    this.#levels += levels;
    if (this.#levels > levelsMax) throw tooDeep;
  }

  ascend(levels: number): void {
    this.#levels -= levels;
  }

  fail(message: string): false {
    if (this.quiet > 0) return false;
    this.issues.push({ path: [...this.path], message });
    if (this.issues.length >= issuesMax) throw enoughIssues;
    return false;
  }

  failAt(key: string | number, message: string): false {
    if (this.quiet > 0) return false;
    this.path.push(key);
    this.fail(message);
    this.path.pop();
    return false;
  }

  /** Tries an alternative of the value at hand; what it evaluated counts only if it fits. */
  attempt(node: Node, value: unknown): boolean {
    const outer = this.evaluated;
    if (outer === undefined) return this.probe(node, value);
    const inner = new Evaluated();
    this.evaluated = inner;
    this.quiet += 1;
    const fits = node.check(value, this);
    this.quiet -= 1;
    this.evaluated = outer;
    if (fits) outer.add(inner);
    return fits;
  }

  /** Tries a schema for its verdict alone. */
  probe(node: Node, value: unknown): boolean {
    const outer = this.evaluated;
    this.evaluated = undefined;
    this.quiet += 1;
    const fits = node.check(value, this);
    this.quiet -= 1;
    this.evaluated = outer;
    return fits;
  }
}

/** Properties and items of one value that some keyword has looked at. */
export class Evaluated {
  allProperties = false;
  readonly properties: Set<string> = new Set();
  /** Items before this index were looked at, and those in `items`. */
  itemsUpTo = 0;
  readonly items: Set<number> = new Set();

  add(other: Evaluated): void {
    this.allProperties ||= other.allProperties;
    for (const name of other.properties) this.properties.add(name);
    this.itemsUpTo = Math.max(this.itemsUpTo, other.itemsUpTo);
    for (const index of other.items) this.items.add(index);
  }

  hasProperty(name: string): boolean {
    return this.allProperties || this.properties.has(name);
  }

  hasItem(index: number): boolean {
    return index < this.itemsUpTo || this.items.has(index);
  }
}

const workEnded: SchemaIssue = Object.freeze({
  path: Object.freeze([]),
  message: 'takes too much work to check',
});
const depthEnded: SchemaIssue = Object.freeze({
  path: Object.freeze([]),
  message: 'is nested too deeply to check',
});

/** Whether the check was given up, so that the value may fit or not. */
export function isUnfinished(issue: SchemaIssue): boolean {
  return issue === workEnded || issue === depthEnded;
}

/** Turns what ended a run into an issue, or into none where the issues found already say it. */
export function issueOfEnd(thrown: unknown): SchemaIssue | undefined {
  if (thrown === enoughIssues) return undefined;
  if (thrown === tooMuchWork) return workEnded;
  // The engine's own RangeError means that the stack was nearly used up when the check began.
  if (thrown === tooDeep || thrown instanceof RangeError) {
    return depthEnded;
  }
  // Only an object that is not plain JSON can throw, from a getter or a proxy.
  return { path: [], message: 'could not be read' };
}
