import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/protocol/check.js';
import { messageCheckers } from '../../../src/protocol/message-checkers.js';
import { readMembers, tolerated } from './read-members.js';
import { fc } from '../properties.js';

const schemaFolder = join(import.meta.dirname, '../../../../shared/schema/2026-07-28');
const examplesFolder = join(schemaFolder, 'examples');

interface Example {
  readonly definition: string;
  readonly file: string;
  readonly message: unknown;
}

interface Mutation {
  readonly path: readonly string[];
  /** What the member becomes; undefined removes it. */
  readonly mutated: unknown;
}

const examples = readExamples();

describe.skipIf(examples.length === 0)('the published example messages', () => {
  const validators = examples.length === 0 ? noValidators : createValidators();

  test('each definition with examples has a checker and a list of members that are read', () => {
    const definitions = [...new Set(examples.map(({ definition }) => definition))].sort();
    expect(definitions.length).toBeGreaterThan(80);
    expect(definitions.filter((name) => !messageCheckers.has(name))).toEqual([]);
    expect(Object.keys(readMembers).sort()).toEqual(definitions);
  });

  test.each(examples)('$definition/$file is accepted', ({ definition, message }) => {
    expect(validators(definition)(message)).toBe(true);
    expect(problemWith(definition, message)).toBeUndefined();
  });

  test.each(examples)('$definition/$file is refused once broken', ({ definition, message }) => {
    const breaking = mutationsOf(definition, message).filter((mutation) =>
      breaks(validators(definition), message, mutation),
    );
    expect(breaking.length).toBeGreaterThanOrEqual(10);
    const accepted = breaking.filter(
      (mutation) => problemWith(definition, mutate(message, mutation)) === undefined,
    );
    expect(accepted).toEqual([]);
  });

  test('any JSON in the place of a member that is read is refused where the schema does so', () => {
    const place = fc.constantFrom(...examples).chain(({ definition, message }) =>
      fc.record({
        definition: fc.constant(definition),
        message: fc.constant(message),
        path: fc.constantFrom(...readPaths(definition, message)),
        mutated: fc.jsonValue({ maxDepth: 2 }),
      }),
    );
    fc.assert(
      fc.property(place, ({ definition, message, ...mutation }) => {
        if (!breaks(validators(definition), message, mutation)) return;
        expect(problemWith(definition, mutate(message, mutation))).toMatch(/^message.* (must|is)/);
      }),
      { numRuns: 2000 },
    );
  });

  test('members that nobody has heard of are let through', () => {
    for (const { definition, message } of examples) {
      if (definition === 'InputRequests' || definition === 'InputResponses') continue;
      const more = { ...(message as object), unheardOf: { of: [1, null] }, ['__proto__']: null };
      expect([definition, problemWith(definition, more)]).toEqual([definition, undefined]);
    }
  });
});

function readExamples(): Example[] {
  if (!existsSync(examplesFolder)) {
    console.log('Skipped: the published examples are not beside the repository.');
    return [];
  }
  return readdirSync(examplesFolder).flatMap((definition) =>
    readdirSync(join(examplesFolder, definition)).map((file) => ({
      definition,
      file,
      message: JSON.parse(readFileSync(join(examplesFolder, definition, file), 'utf8')) as unknown,
    })),
  );
}

const fieldTypes = '"string", "number", "boolean"';

function createValidators(): (definition: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const text = readFileSync(join(schemaFolder, 'schema.json'), 'utf8');
  // Its source, schema.ts, says number for the fields of a form; the translation says integer.
  const withFractions = text.replaceAll(/"string",\s+"integer",\s+"boolean"/g, fieldTypes);
  const schema = JSON.parse(withFractions) as { $defs: { [name: string]: object } };
  // There it means any JSON; the translation lost null and fractions.
  schema.$defs['JSONValue'] = {};
  ajv.addSchema(schema, 'mcp');
  return (definition) => {
    const validator = ajv.getSchema(`mcp#/$defs/${definition}`);
    if (validator === undefined) throw new Error(`The schema does not define ${definition}.`);
    return validator;
  };
}

function noValidators(definition: string): ValidateFunction {
  throw new Error(`There is no schema to find ${definition} in.`);
}

function problemWith(definition: string, message: unknown): string | undefined {
  const checker = messageCheckers.get(definition);
  if (checker === undefined) throw new Error(`There is no checker for ${definition}.`);
  return check(checker, message, 'message');
}

/** True for a mutation that the schema refuses and that the protocol does not ask us to bear. */
function breaks(validator: ValidateFunction, message: unknown, mutation: Mutation): boolean {
  const excused = tolerated.some(
    ({ member, tolerates }) => endsWith(mutation.path, member) && tolerates(mutation.mutated),
  );
  return !excused && !validator(mutate(message, mutation));
}

function endsWith(path: readonly string[], member: string): boolean {
  const names = member.split(' ');
  const end = path.slice(-names.length);
  return end.length === names.length && names.every((name, at) => name === '*' || name === end[at]);
}

const replacements: readonly unknown[] = [
  undefined,
  null,
  true,
  7,
  -7,
  1.5,
  'mutated',
  '',
  [],
  [null],
  [7],
  {},
  { mutated: 7 },
];

function mutationsOf(definition: string, message: unknown): Mutation[] {
  return readPaths(definition, message).flatMap((path) =>
    replacements.map((mutated) => ({ path, mutated })),
  );
}

function readPaths(definition: string, message: unknown): (readonly string[])[] {
  const paths = (readMembers[definition] ?? []).flatMap((member) =>
    matching(message, member.split(' ')),
  );
  return [...new Map(paths.map((path) => [path.join('\n'), path])).values()];
}

/** The paths in `value` that `names` describes. */
function matching(value: unknown, names: readonly string[]): (readonly string[])[] {
  const [name, ...rest] = names;
  if (name === undefined) return [[]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => name === '*' || key === name)
    .flatMap(([key, member]) => matching(member, rest).map((path) => [key, ...path]));
}

function mutate(message: unknown, { path, mutated }: Mutation): unknown {
  const copy = structuredClone(message);
  const holder = path.slice(0, -1).reduce((at, name) => at[name] as Holder, copy as Holder);
  const name = path.at(-1) ?? '';
  if (mutated === undefined) delete holder[name];
  else holder[name] = mutated;
  return copy;
}

type Holder = { [name: string]: unknown };
