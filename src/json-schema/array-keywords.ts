/** Keywords that look at the items of a list. */

import type { Build, Keyword } from './build.js';
import { canonical } from './canonical.js';
import { checkInside } from './object-keywords.js';
import type { Check, Node } from './run.js';
import { plural } from './scalar-keywords.js';

export const arrayKeywords: readonly Keyword[] = [items, contains, minItems, maxItems, uniqueItems];

/** `prefixItems` and `items`, or draft-07's list form of `items` with `additionalItems`. */
function items(build: Build): Check | undefined {
  const { prefix, rest } = build.dialect === 'draft-07' ? draft07Items(build) : modernItems(build);
  if (prefix.length === 0 && rest === undefined) return undefined;
  return (value, run) => {
    if (!Array.isArray(value)) return true;
    const evaluated = run.evaluated;
    run.evaluated = undefined;
    const checked = rest === undefined ? Math.min(prefix.length, value.length) : value.length;
    let fits = true;
    for (let index = 0; index < checked; index += 1) {
      const node = prefix[index] ?? rest;
      run.spend(1);
      if (node === undefined || checkInside(node, index, value[index], run)) continue;
      fits = false;
      if (run.quiet > 0) break;
    }
    if (evaluated !== undefined) evaluated.itemsUpTo = Math.max(evaluated.itemsUpTo, checked);
    run.evaluated = evaluated;
    return fits;
  };
}

interface ItemNodes {
  readonly prefix: readonly Node[];
  readonly rest: Node | undefined;
}

function modernItems(build: Build): ItemNodes {
  return { prefix: build.nodes('prefixItems') ?? [], rest: build.node('items') };
}

function draft07Items(build: Build): ItemNodes {
  const declared = build.schema['items'];
  if (!Array.isArray(declared)) return { prefix: [], rest: build.node('items') };
  const prefix = declared.map((schema) => build.compilation.node(schema));
  return { prefix, rest: build.node('additionalItems') };
}

function contains(build: Build): Check | undefined {
  const node = build.node('contains');
  if (node === undefined) return undefined;
  const counted = build.dialect !== 'draft-07';
  const least = (counted ? build.count('minContains') : undefined) ?? 1;
  const most = (counted ? build.count('maxContains') : undefined) ?? Infinity;
  const tooFew = `must contain at least ${plural(least, 'item')} of the required kind`;
  const tooMany = `must contain at most ${plural(most, 'item')} of the required kind`;
  return (value, run) => {
    if (!Array.isArray(value)) return true;
    const unsureBefore = run.unsure;
    run.unsure = false;
    let count = 0;
    for (let index = 0; index < value.length; index += 1) {
      run.spend(1);
      if (!run.probe(node, value[index])) continue;
      count += 1;
      if (counted) run.evaluated?.items.add(index);
      // Who wants to know which items matched needs all of them looked at.
      if (count >= least && most === Infinity && run.evaluated === undefined) break;
    }
    const unsure = run.unsure;
    run.unsure = unsure || unsureBefore;
    if (count < least) return run.fail(tooFew);
    return count <= most || unsure || run.fail(tooMany);
  };
}

function minItems(build: Build): Check | undefined {
  const least = build.count('minItems');
  if (least === undefined) return undefined;
  const message = `must have at least ${plural(least, 'item')}`;
  return (value, run) => !Array.isArray(value) || value.length >= least || run.fail(message);
}

function maxItems(build: Build): Check | undefined {
  const most = build.count('maxItems');
  if (most === undefined) return undefined;
  const message = `must have at most ${plural(most, 'item')}`;
  return (value, run) => !Array.isArray(value) || value.length <= most || run.fail(message);
}

function uniqueItems(build: Build): Check | undefined {
  if (build.boolean('uniqueItems') !== true) return undefined;
  return (value, run) => {
    if (!Array.isArray(value)) return true;
    const scalars = new Set<unknown>();
    const compounds = new Set<string>();
    for (const item of value) {
      run.spend(1);
      if (typeof item === 'object' && item !== null) {
        compounds.add(canonical(item, run));
      } else {
        scalars.add(item);
      }
    }
    return (
      scalars.size + compounds.size === value.length ||
      run.fail('must not contain the same item twice')
    );
  };
}
