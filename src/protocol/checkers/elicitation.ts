/** elicitation/create: a form of flat fields or a URL to visit, and what the user did. */
import { isJsonObject } from '../../json-rpc/message.js';
import {
  arrayOf,
  boolean,
  integer,
  literal,
  number,
  object,
  oneOf,
  recordOf,
  string,
  type Checker,
} from '../combinators.js';
import type * as legacy from '../legacy.types.js';
import type {
  BooleanSchema,
  ElicitRequestFormParams,
  ElicitRequestParams,
  ElicitRequestURLParams,
  ElicitResult,
  LegacyTitledEnumSchema,
  NumberSchema,
  PrimitiveSchemaDefinition,
  StringSchema,
  TitledMultiSelectEnumSchema,
  TitledSingleSelectEnumSchema,
  UntitledMultiSelectEnumSchema,
} from '../modern.types.js';
import { requestMeta } from './base.js';
import { taskMetadata } from './tasks.js';

const named = { title: string, description: string } as const;
const strings = arrayOf(string);
const titledChoices = arrayOf(object({ const: string, title: string }));

export const stringSchema: Checker<StringSchema> = object<StringSchema>(
  { type: literal('string') },
  {
    ...named,
    default: string,
    format: oneOf(['date', 'date-time', 'email', 'uri']),
    minLength: integer,
    maxLength: integer,
  },
);

export const numberSchema: Checker<NumberSchema> = object<NumberSchema>(
  { type: oneOf(['number', 'integer']) },
  { ...named, default: number, minimum: number, maximum: number },
);

export const booleanSchema: Checker<BooleanSchema> = object<BooleanSchema>(
  { type: literal('boolean') },
  { ...named, default: boolean },
);

/** One choice, with or without the display names that 2025-06-18 put beside the values. */
export const untitledChoice: Checker<LegacyTitledEnumSchema> = object<LegacyTitledEnumSchema>(
  { type: literal('string'), enum: strings },
  { ...named, default: string, enumNames: strings },
);

export const titledChoice: Checker<TitledSingleSelectEnumSchema> =
  object<TitledSingleSelectEnumSchema>(
    { type: literal('string'), oneOf: titledChoices },
    { ...named, default: string },
  );

const many = { ...named, default: strings, minItems: integer, maxItems: integer } as const;

export const untitledChoices: Checker<UntitledMultiSelectEnumSchema> =
  object<UntitledMultiSelectEnumSchema>(
    { type: literal('array'), items: object({ type: literal('string'), enum: strings }) },
    many,
  );

export const titledChoicesSchema: Checker<TitledMultiSelectEnumSchema> =
  object<TitledMultiSelectEnumSchema>(
    { type: literal('array'), items: object({ anyOf: titledChoices }) },
    many,
  );

/** One field of a form. */
export const primitiveSchema: Checker<PrimitiveSchemaDefinition> = (value, path) => {
  if (!isJsonObject(value)) return `${path} must be an object`;
  switch (value['type']) {
    case 'string':
      if (value['enum'] !== undefined) return untitledChoice(value, path);
      return value['oneOf'] === undefined ? stringSchema(value, path) : titledChoice(value, path);
    case 'array': {
      const titled = isJsonObject(value['items']) && value['items']['anyOf'] !== undefined;
      return titled ? titledChoicesSchema(value, path) : untitledChoices(value, path);
    }
    case 'boolean':
      return booleanSchema(value, path);
    case 'number':
    case 'integer':
      return numberSchema(value, path);
    default:
      return `${path}.type must be "string", "number", "integer", "boolean" or "array"`;
  }
};

const askedByBoth = { task: taskMetadata, _meta: requestMeta } as const;

export const elicitFormParams: Checker<ElicitRequestFormParams> = object<
  ElicitRequestFormParams & legacy.ElicitRequestFormParams
>(
  {
    message: string,
    requestedSchema: object(
      { type: literal('object'), properties: recordOf(primitiveSchema) },
      { required: strings, $schema: string },
    ),
  },
  { mode: literal('form'), ...askedByBoth },
);

/** Only 2025-11-25 peers send an elicitationId; without one, nothing can be matched to it. */
export const elicitUrlParams: Checker<ElicitRequestURLParams> = object<
  ElicitRequestURLParams & legacy.ElicitRequestURLParams
>(
  { mode: literal('url'), message: string, url: string },
  { elicitationId: string, ...askedByBoth },
);

const mode = oneOf(['form', 'url']);

/** A form where no mode is given. */
export const elicitParams: Checker<ElicitRequestParams> = (value, path) => {
  if (!isJsonObject(value)) return `${path} must be an object`;
  if (value['mode'] === 'url') return elicitUrlParams(value, path);
  if (value['mode'] === undefined) return elicitFormParams(value, path);
  return mode(value['mode'], `${path}.mode`) ?? elicitFormParams(value, path);
};

const answers = recordOf<string | number | boolean | readonly string[]>((value, path) =>
  Array.isArray(value) ? strings(value, path) : primitive(value, path),
);

/**
 * Content is read only of an accepted form: several clients send null where there is none.
 */
export const elicitResult: Checker<ElicitResult> = (value, path) => {
  const problem = elicitAction(value, path);
  if (problem !== undefined || !isJsonObject(value)) return problem;
  const { action, content } = value;
  if (content === undefined || (content === null && action !== 'accept')) return undefined;
  return answers(content, `${path}.content`);
};

const elicitAction = object<ElicitResult>({ action: oneOf(['accept', 'decline', 'cancel']) });

function primitive(value: unknown, path: string): string | undefined {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    ? undefined
    : `${path} must be a string, a number, true or false, or an array of strings`;
}
