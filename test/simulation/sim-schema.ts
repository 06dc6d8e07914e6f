import { compileSchema } from '../../src/json-schema/compile.js';
import { defaultLimits } from '../../src/limits.js';
import type { StandardSchema } from '../../src/server/schema.js';

/** What the tools of a simulated server are called with. */
export interface SimArgs {
  readonly op: string;
  readonly steps: number;
  readonly ms: number;
}

const json = {
  type: 'object',
  properties: { op: { type: 'string' }, steps: { type: 'integer' }, ms: { type: 'integer' } },
  required: ['op', 'steps', 'ms'],
} as const;
const { schemaDepthMax, schemaNodesMax, schemaStepsMax } = defaultLimits;
const bounds = { depthMax: schemaDepthMax, nodesMax: schemaNodesMax, stepsMax: schemaStepsMax };
// A server would compile it anew for each of its tools, in each schedule.
const compiled = compileSchema(json, bounds, { trusted: true });

export const input: StandardSchema<SimArgs> = {
  '~standard': {
    version: 1,
    vendor: 'simulation',
    validate(value) {
      const issues = compiled.check(value);
      return issues.length === 0 ? { value: value as SimArgs } : { issues };
    },
    jsonSchema: { input: () => json, output: () => json },
  },
};
