/** `unevaluatedProperties` and `unevaluatedItems`: what no other keyword has looked at. */

import type { Build } from './build.js';
import { checkInside, eachProperty } from './object-keywords.js';
import { isSchemaObject } from './resources.js';
import { Evaluated } from './run.js';
import type { Check, Node, Run } from './run.js';

/** Puts the unevaluated keywords of a schema, if it has any, behind the check of all its others. */
export function withUnevaluated(build: Build, others: Check): Check {
  if (build.dialect === 'draft-07') return others;
  const properties = build.node('unevaluatedProperties');
  const items = build.node('unevaluatedItems');
  if (properties === undefined && items === undefined) return others;
  return (value, run) => {
    const outer = run.evaluated;
    const evaluated = new Evaluated();
    run.evaluated = evaluated;
    let fits = others(value, run);
    run.evaluated = undefined;
    // Where something else is wrong already, what was looked at is not known in full.
    if (fits && properties !== undefined && isSchemaObject(value)) {
      fits = checkProperties(properties, value, run, evaluated);
    }
    if (fits && items !== undefined && Array.isArray(value)) {
      fits = checkItems(items, value, run, evaluated);
    }
    run.evaluated = outer;
    outer?.add(evaluated);
    return fits;
  };
}

function checkProperties(
  node: Node,
  value: Readonly<Record<string, unknown>>,
  run: Run,
  evaluated: Evaluated,
): boolean {
  const fits = eachProperty(
    value,
    run,
    (name, member) => evaluated.hasProperty(name) || checkInside(node, name, member, run),
  );
  evaluated.allProperties = true;
  return fits;
}

function checkItems(
  node: Node,
  value: readonly unknown[],
  run: Run,
  evaluated: Evaluated,
): boolean {
  let fits = true;
  for (let index = 0; index < value.length; index += 1) {
    run.spend(1);
    if (evaluated.hasItem(index) || checkInside(node, index, value[index], run)) continue;
    fits = false;
    if (run.quiet > 0) break;
  }
  evaluated.itemsUpTo = value.length;
  return fits;
}
