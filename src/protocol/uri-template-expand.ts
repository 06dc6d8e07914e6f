/** Expands one expression of a URI template, after appendix A of RFC 6570. */

import { McpError } from '../errors.js';
import type { Expression, Operator, Variable } from './uri-template.js';

type Scalar = string | number | boolean;

/** What a variable may be; null and undefined are the same as absent. */
export type TemplateValue =
  | Scalar
  | readonly (Scalar | null | undefined)[]
  | { readonly [name: string]: Scalar | null | undefined }
  | null
  | undefined;

/** How an operator joins its values. */
export interface OperatorRules {
  readonly first: string;
  readonly separator: string;
  /** Values stand behind their names. */
  readonly named: boolean;
  /** What follows the name of an empty value. */
  readonly ifEmpty: string;
  /** Reserved characters stay as they are. */
  readonly reserved: boolean;
}

export const operatorRules: Readonly<Record<Operator, OperatorRules>> = Object.freeze({
  '': rules('', ','),
  '+': { ...rules('', ','), reserved: true },
  '#': { ...rules('#', ','), reserved: true },
  '.': rules('.', '.'),
  '/': rules('/', '/'),
  ';': { ...rules(';', ';'), named: true },
  '?': { ...rules('?', '&'), named: true, ifEmpty: '=' },
  '&': { ...rules('&', '&'), named: true, ifEmpty: '=' },
});

export function expandExpression(
  expression: Expression,
  values: Readonly<Record<string, TemplateValue>>,
): string {
  const operator = operatorRules[expression.operator];
  const expanded: string[] = [];
  for (const variable of expression.variables) {
    const value = Object.hasOwn(values, variable.name) ? values[variable.name] : undefined;
    // Not by spreading: a long list would be more arguments than the stack can hold.
    for (const one of expandVariable(variable, value, operator)) expanded.push(one);
  }
  return expanded.length === 0 ? '' : operator.first + expanded.join(operator.separator);
}

/** Encodes what cannot stand in a URI, leaving reserved characters and encoded ones alone. */
export function encodeReserved(text: string): string {
  if (encodedText.test(text)) return text;
  return text
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeAllButReserved(part)))
    .join('');
}

const encodedText = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

function rules(first: string, separator: string): OperatorRules {
  return { first, separator, named: false, ifEmpty: '', reserved: false };
}

/** The texts between separators; none when the value is absent or empty as a whole. */
function expandVariable(
  variable: Variable,
  value: TemplateValue,
  operator: OperatorRules,
): readonly string[] {
  if (value === undefined || value === null) return [];
  const encode = operator.reserved ? encodeReserved : encodeUnreserved;
  const name = variable.name;
  if (typeof value !== 'object') {
    return [nameValue(name, encode(shorten(String(value), variable.prefix)), operator)];
  }
  if (variable.prefix !== undefined) {
    throw new McpError('invalidParams', `"${name}" is cut to a prefix, so it must be a string.`);
  }
  if (isList(value)) {
    const items = value.filter(isPresent).map((item) => encode(String(item)));
    if (variable.explode) return items.map((item) => nameValue(name, item, operator));
    return items.length === 0 ? [] : [nameValue(name, items.join(','), operator)];
  }
  const members = Object.entries(value).flatMap(([key, member]) =>
    isPresent(member) ? [[encode(key), encode(String(member))] as const] : [],
  );
  if (variable.explode) {
    return members.map(([key, member]) =>
      operator.named ? nameValue(key, member, operator) : `${key}=${member}`,
    );
  }
  return members.length === 0 ? [] : [nameValue(name, members.flat().join(','), operator)];
}

function nameValue(name: string, value: string, operator: OperatorRules): string {
  if (!operator.named) return value;
  return value === '' ? name + operator.ifEmpty : `${name}=${value}`;
}

function shorten(text: string, prefix: number | undefined): string {
  // Counted in characters, of which some take two units.
  return prefix === undefined ? text : Array.from(text).slice(0, prefix).join('');
}

function encodeUnreserved(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodeAllButReserved(text: string): string {
  return encodeURI(wellFormed(text)).replaceAll('%5B', '[').replaceAll('%5D', ']');
}

/** Half a surrogate pair has no encoding. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isList(value: object): value is readonly (Scalar | null | undefined)[] {
  return Array.isArray(value);
}

function isPresent(value: Scalar | null | undefined): value is Scalar {
  return value !== undefined && value !== null;
}
