import { isJsonObject } from '../json-rpc/message.js';
import type { PrimitiveSchemaDefinition } from '../protocol/modern.types.js';
import { kindOf } from './coerce.js';
import { oneLine } from './terminal/paint.js';

/** The question for one field of a form: `Age (integer, 0 to 150) [30]:`. */
export function questionFor(
  name: string,
  schema: PrimitiveSchemaDefinition,
  isRequired: boolean,
): string {
  const label = oneLine(schema.title ?? name);
  const about = schema.description === undefined ? '' : ` - ${oneLine(schema.description)}`;
  const hints = [...hintsOf(schema), ...(isRequired ? [] : ['optional'])];
  const hint = hints.length === 0 ? '' : ` (${oneLine(hints.join(', '))})`;
  const preset = schema.default === undefined ? '' : ` [${shown(schema.default)}]`;
  return `${label}${about}${hint}${preset}:`;
}

/** The choices of a field, as numbered lines to show, or as the values they stand for. */
export function choicesOf(
  schema: PrimitiveSchemaDefinition,
  form: 'lines' | 'values' = 'lines',
): readonly string[] {
  const choices = readChoices(schema);
  if (form === 'values') return choices.map(({ value }) => value);
  return choices.map(({ value, title }, at) => {
    const said = title === undefined || title === value ? '' : ` ${oneLine(title)}`;
    return `${at + 1}) ${oneLine(value)}${said}`;
  });
}

interface Choice {
  readonly value: string;
  readonly title?: string;
}

function readChoices(schema: PrimitiveSchemaDefinition): readonly Choice[] {
  const source = 'items' in schema ? schema.items : schema;
  if ('enum' in source) {
    const titles = 'enumNames' in schema ? schema.enumNames : undefined;
    return source.enum.map((value, at) => choice(value, titles?.[at]));
  }
  const titled = 'oneOf' in source ? source.oneOf : 'anyOf' in source ? source.anyOf : [];
  return titled.filter(isJsonObject).map((one) => choice(one.const, one.title));
}

function choice(value: string, title: string | undefined): Choice {
  return title === undefined ? { value } : { value, title };
}

function hintsOf(schema: PrimitiveSchemaDefinition): string[] {
  if (readChoices(schema).length > 0) {
    return ['items' in schema ? 'numbers or values, with commas' : 'number or value'];
  }
  const { type } = schema;
  if (type === 'boolean') return ['yes or no'];
  if (type === 'integer' || type === 'number') {
    return [kindOf(schema, schema), ...range(schema.minimum, schema.maximum)];
  }
  return 'format' in schema && schema.format !== undefined ? [schema.format] : [];
}

function range(minimum: number | undefined, maximum: number | undefined): string[] {
  if (minimum === undefined && maximum === undefined) return [];
  if (maximum === undefined) return [`at least ${minimum}`];
  return [minimum === undefined ? `at most ${maximum}` : `${minimum} to ${maximum}`];
}

function shown(value: unknown): string {
  return oneLine(Array.isArray(value) ? value.join(',') : String(value));
}
