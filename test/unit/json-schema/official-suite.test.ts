/**
 * Runs the official JSON-Schema-Test-Suite where a checkout of it is at hand: set
 * JSON_SCHEMA_TEST_SUITE to its directory. No package on the npm registry carries it.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileSchema } from '../../../src/json-schema/compile.js';

const bounds = { depthMax: 32, nodesMax: 1000, stepsMax: 1_000_000 };
const directory = process.env['JSON_SCHEMA_TEST_SUITE'];
const formats = ['email', 'uri', 'date', 'date-time', 'uuid', 'ipv4'];

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly { description: string; data: unknown; valid: boolean }[];
}

// Annotations to us; the suite asserts them.
const notAsserted = ['optional/content.json'];

function readGroups(dialect: string): { file: string; group: Group }[] {
  const root = join(directory ?? '', 'tests', dialect);
  const files = [
    ...readdirSync(root),
    ...readdirSync(join(root, 'optional')).map((file) => `optional/${file}`),
    ...formats.map((format) => `optional/format/${format}.json`),
  ].filter((file) => file.endsWith('.json') && existsSync(join(root, file)));
  return files
    .filter((file) => !notAsserted.includes(file))
    .flatMap((file) => {
      const groups = JSON.parse(readFileSync(join(root, file), 'utf8')) as Group[];
      return groups.map((group) => ({ file, group }));
    });
}

test.skipIf(directory === undefined).each([
  ['draft2020-12', 'https://json-schema.org/draft/2020-12/schema'],
  ['draft7', 'http://json-schema.org/draft-07/schema#'],
])('passes all of %s that stays inside one document', (dialect, $schema) => {
  const failures: string[] = [];
  let passed = 0;
  let remote = 0;
  for (const { file, group } of readGroups(dialect)) {
    const { schema } = group;
    const declared = typeof schema === 'object' ? { $schema, ...schema } : schema;
    const check = compile(declared, file.includes('/format/'));
    if (check === undefined) {
      remote += group.tests.length;
      continue;
    }
    for (const one of group.tests) {
      if ((check(one.data).length === 0) === one.valid) passed += 1;
      else failures.push(`${file}: ${group.description}: ${one.description}`);
    }
  }
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(1000);
  expect(remote).toBeLessThan(100);
});

/** Undefined for what needs other documents or dialects. */
function compile(
  schema: unknown,
  assertFormat: boolean,
): ((value: unknown) => readonly unknown[]) | undefined {
  try {
    return compileSchema(schema, bounds, { assertFormat }).check;
  } catch (error) {
    if (/leaves this document|is not supported/.test(String(error))) return undefined;
    throw error;
  }
}
