/** URI templates (RFC 6570, all four levels): expanded into URIs, and URIs matched against them. */

import { McpError } from '../errors.js';
import { defaultLimits } from '../limits.js';
import { encodeReserved, expandExpression } from './uri-template-expand.js';
import type { TemplateValue } from './uri-template-expand.js';
import { makeMatcher } from './uri-template-match.js';

export interface UriTemplate {
  readonly text: string;
  /** Names in the order of their first appearance, each once. */
  readonly variables: readonly string[];
  /** The URI that these variables make; absent ones expand to nothing. */
  expand(variables: Readonly<Record<string, TemplateValue>>): string;
  /**
   * The variables of which the template makes `uri`, percent-decoded; undefined when there are
   * none. An exploded variable is a list. A decoded value may hold any character, slashes and
   * dots included: what it names is for the caller to check.
   */
  match(uri: string): Record<string, string | string[]> | undefined;
}

/** One variable of an expression. */
export interface Variable {
  readonly name: string;
  readonly explode: boolean;
  /** How many characters of the value are used. */
  readonly prefix: number | undefined;
}

export type Operator = '' | '+' | '#' | '.' | '/' | ';' | '?' | '&';

export interface Expression {
  readonly operator: Operator;
  readonly variables: readonly Variable[];
}

/** A template is a row of literal texts, encoded as in a URI, and expressions. */
export type Part = string | Expression;

/** Reads a template; throws if it is malformed. Neither it nor a URI may exceed `uriBytesMax`. */
export function parseUriTemplate(
  text: string,
  uriBytesMax: number = defaultLimits.uriBytesMax,
): UriTemplate {
  if (text.length > uriBytesMax) throw malformed(text, `it is longer than ${uriBytesMax} bytes`);
  const parts = readParts(text);
  const names = parts.flatMap((part) =>
    typeof part === 'string' ? [] : part.variables.map((variable) => variable.name),
  );
  if (names.length > variablesMax) {
    throw malformed(text, `it has more than ${variablesMax} variables`);
  }
  return {
    text,
    variables: [...new Set(names)],
    expand: (variables) => parts.map((part) => expandPart(part, variables)).join(''),
    match: makeMatcher(parts, uriBytesMax),
  };
}

// The work of matching is the length of the URI times the parts of the template.
const variablesMax = 64;

function expandPart(part: Part, variables: Readonly<Record<string, TemplateValue>>): string {
  return typeof part === 'string' ? part : expandExpression(part, variables);
}

function readParts(text: string): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    const literal = text.slice(at, open === -1 ? text.length : open);
    if (literal.includes('}')) throw malformed(text, 'a "}" has no "{" before it');
    if (literal !== '') parts.push(encodeReserved(literal));
    if (open === -1) break;
    const close = text.indexOf('}', open);
    if (close === -1) throw malformed(text, 'a "{" has no "}" after it');
    parts.push(readExpression(text, text.slice(open + 1, close)));
    at = close + 1;
  }
  return parts;
}

function readExpression(text: string, inside: string): Expression {
  const first = inside.charAt(0);
  const operator = isOperator(first) ? first : '';
  const variables = inside
    .slice(operator.length)
    .split(',')
    .map((one) => {
      const variable = readVariable(one);
      if (variable === undefined) throw malformed(text, `"{${inside}}" is not an expression`);
      return variable;
    });
  return { operator, variables };
}

function readVariable(text: string): Variable | undefined {
  const found = variableText.exec(text);
  const name = found?.[1];
  if (found === null || name === undefined) return undefined;
  const prefix = found[2] === undefined ? undefined : Number(found[2]);
  return { name, prefix, explode: found[3] !== undefined };
}

// Every character has one place only where it can match, so this takes linear time.
const variableText =
  /^((?:\w|%[0-9A-Fa-f]{2})+(?:\.(?:\w|%[0-9A-Fa-f]{2})+)*)(?::([1-9]\d{0,3})|(\*))?$/;

function isOperator(text: string): text is Exclude<Operator, ''> {
  return text !== '' && '+#./;?&'.includes(text);
}

function malformed(text: string, why: string): McpError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new McpError('invalidParams', `The URI template "${shown}" is malformed: ${why}.`);
}
