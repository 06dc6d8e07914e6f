/** Fills in the defaults of a flat form, such as an elicitation asks for. */

import { isSchemaObject } from './resources.js';

/** A copy of `value` with the default of each absent top-level property that declares one. */
export function applyDefaults(schema: unknown, value: unknown): unknown {
  if (!isSchemaObject(schema) || !isSchemaObject(value)) return value;
  const properties = schema['properties'];
  if (!isSchemaObject(properties)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(properties)) {
    // Assigning to "__proto__" would change the object instead of filling it.
    if (name === '__proto__' || !isSchemaObject(property)) continue;
    if (Object.hasOwn(filled, name) && filled[name] !== undefined) continue;
    const fallback = property['default'];
    if (fallback !== undefined) filled[name] = structuredClone(fallback);
  }
  return filled;
}
