/** Keywords that look at a value as a whole, at numbers and at strings. */

import type { Build, Keyword } from './build.js';
import { canonical } from './canonical.js';
import { shorten } from './dialect.js';
import { formatChecks } from './formats.js';
import { isSchemaObject } from './resources.js';
import type { Check } from './run.js';

export const scalarKeywords: readonly Keyword[] = [
  enumeration,
  constant,
  minimum,
  maximum,
  multipleOf,
  minLength,
  maxLength,
  pattern,
  format,
];

/** Handled before all others: once the type is wrong, nothing else is worth saying. */
export function typeCheck(build: Build): Check | undefined {
  const declared = build.schema['type'];
  if (declared === undefined) return undefined;
  const names = typeof declared === 'string' ? [declared] : build.names('type', declared);
  const known = names?.every((name) => typeTests.has(name)) ?? false;
  if (names === undefined || names.length === 0 || !known) {
    throw build.fault('type', `${shorten(declared)} is no type of JSON Schema.`);
  }
  const message = `must be ${typeSentence(names)}`;
  const tests = names.flatMap((name) => typeTests.get(name) ?? []);
  const [first, ...others] = tests;
  if (first !== undefined && others.length === 0) {
    return (value, run) => first(value) || run.fail(message);
  }
  return (value, run) => tests.some((test) => test(value)) || run.fail(message);
}

/** "a string", "a string or null": what a list of types says. */
export function typeSentence(names: readonly string[]): string {
  const words = names.map((name) => typeWords[name] ?? name);
  return words.length < 3
    ? words.join(' or ')
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** Whether `value` is of the type that JSON Schema calls `name`. */
export function isOfType(name: string, value: unknown): boolean {
  return typeTests.get(name)?.(value) ?? false;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

const typeTests: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['string', (value: unknown) => typeof value === 'string'],
  ['number', (value: unknown) => typeof value === 'number' && Number.isFinite(value)],
  ['integer', (value: unknown) => Number.isInteger(value)],
  ['boolean', (value: unknown) => typeof value === 'boolean'],
  ['null', (value: unknown) => value === null],
  ['array', (value: unknown) => Array.isArray(value)],
  ['object', isSchemaObject],
]);

const typeWords: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'an object',
};

function enumeration(build: Build): Check | undefined {
  const values = build.schema['enum'];
  if (values === undefined) return undefined;
  if (!Array.isArray(values)) throw build.fault('enum', 'It must be a list of values.');
  const list = values.slice(0, 20).map((value) => shorten(value));
  const message = `must be one of ${list.join(', ')}${values.length > 20 ? ', …' : ''}`;
  return oneOfValues(build, 'enum', values, message);
}

function constant(build: Build): Check | undefined {
  if (!Object.hasOwn(build.schema, 'const') || build.schema['const'] === undefined)
    return undefined;
  const value = build.schema['const'];
  return oneOfValues(build, 'const', [value], `must be ${shorten(value)}`);
}

function oneOfValues(
  build: Build,
  keyword: string,
  values: readonly unknown[],
  message: string,
): Check {
  const scalars = new Set(values.filter((value) => typeof value !== 'object' || value === null));
  const compounds = new Set<string>();
  for (const value of values) {
    if (typeof value === 'object' && value !== null) compounds.add(textOf(build, keyword, value));
  }
  return (value, run) => {
    if (typeof value !== 'object' || value === null) {
      return scalars.has(value) || run.fail(message);
    }
    if (compounds.size === 0) return run.fail(message);
    return compounds.has(canonical(value, run)) || run.fail(message);
  };
}

function textOf(build: Build, keyword: string, value: object): string {
  try {
    return canonical(value, { spend: () => undefined });
  } catch {
    throw build.fault(keyword, 'A value in it nests too deeply.');
  }
}

function minimum(build: Build): Check | undefined {
  const least = build.number('minimum');
  const above = build.number('exclusiveMinimum');
  if (above !== undefined && (least === undefined || above >= least)) {
    return (value, run) =>
      typeof value !== 'number' || value > above || run.fail(`must be more than ${above}`);
  }
  if (least === undefined) return undefined;
  return (value, run) =>
    typeof value !== 'number' || value >= least || run.fail(`must be at least ${least}`);
}

function maximum(build: Build): Check | undefined {
  const most = build.number('maximum');
  const below = build.number('exclusiveMaximum');
  if (below !== undefined && (most === undefined || below <= most)) {
    return (value, run) =>
      typeof value !== 'number' || value < below || run.fail(`must be less than ${below}`);
  }
  if (most === undefined) return undefined;
  return (value, run) =>
    typeof value !== 'number' || value <= most || run.fail(`must be at most ${most}`);
}

function multipleOf(build: Build): Check | undefined {
  const step = build.number('multipleOf');
  if (step === undefined) return undefined;
  if (step <= 0) throw build.fault('multipleOf', 'It must be more than 0.');
  return (value, run) =>
    typeof value !== 'number' ||
    isMultiple(value, step) ||
    run.fail(`must be a multiple of ${step}`);
}

function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  if (!Number.isFinite(quotient)) return value % step === 0;
  // Decimal fractions such as 19.99 and 0.01 are rounded in binary before they are divided.
  return Math.abs(quotient - Math.round(quotient)) <= 4 * Number.EPSILON * Math.abs(quotient);
}

function minLength(build: Build): Check | undefined {
  const least = build.count('minLength');
  if (least === undefined) return undefined;
  const message = `must be at least ${plural(least, 'character')} long`;
  return (value, run) => {
    if (typeof value !== 'string' || value.length >= 2 * least) return true;
    if (value.length < least) return run.fail(message);
    run.spend(value.length >> 3);
    return pointCount(value) >= least || run.fail(message);
  };
}

function maxLength(build: Build): Check | undefined {
  const most = build.count('maxLength');
  if (most === undefined) return undefined;
  const message = `must be at most ${plural(most, 'character')} long`;
  return (value, run) => {
    if (typeof value !== 'string' || value.length <= most) return true;
    if (value.length > 2 * most) return run.fail(message);
    run.spend(value.length >> 3);
    return pointCount(value) <= most || run.fail(message);
  };
}

/** Length in code points: a pair of surrogates counts once. */
function pointCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const following = text.charCodeAt(index + 1);
    if (following < 0xdc00 || following > 0xdfff) continue;
    count -= 1;
    index += 1;
  }
  return count;
}

function pattern(build: Build): Check | undefined {
  const source = build.string('pattern');
  if (source === undefined) return undefined;
  const test = build.pattern('pattern', source);
  const message = `must match the pattern ${shorten(source)}`;
  return (value, run) => {
    if (typeof value !== 'string') return true;
    const matches = test?.(value, run);
    if (matches === undefined) run.unsure = true;
    return matches !== false || run.fail(message);
  };
}

function format(build: Build): Check | undefined {
  const name = build.string('format');
  if (name === undefined || !build.compilation.assertFormat) return undefined;
  const fits = formatChecks.get(name);
  if (fits === undefined) return undefined;
  return (value, run) => {
    if (typeof value !== 'string') return true;
    run.spend(value.length >> 4);
    return fits(value) || run.fail(`must be a valid ${name}`);
  };
}
