import { compileSchema } from '../json-schema/compile.js';
import type { JsonObject } from '../json-rpc/message.js';
import { isJsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';

/** The part of the Standard Schema interface (version 1) that is used here; types only. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { target: 'draft-2020-12' }) => { [key: string]: unknown };
      readonly output: (options: { target: 'draft-2020-12' }) => { [key: string]: unknown };
    };
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** zod, valibot, arktype or any other Standard Schema; or a plain JSON Schema object. */
export type AnySchema = StandardSchema | JsonObject;

/** What a handler gets after checking; a plain JSON Schema does not say. */
export type OutputOf<S> =
  S extends StandardSchema<infer _In, infer Out> ? Out : { readonly [key: string]: unknown };

/** What may be handed to the check. */
export type InputOf<S> =
  S extends StandardSchema<infer In, infer _Out> ? In : { readonly [key: string]: unknown };

export type Checked =
  | { readonly value: unknown; readonly problem?: undefined }
  | { readonly problem: string };

/** A schema made ready once: its JSON form for peers, its check for calls. */
export interface ReadySchema {
  readonly json: JsonObject;
  check(value: unknown): Checked | Promise<Checked>;
}

/**
 * Makes `schema` ready. `side` says which of its two types the JSON form describes. Throws a
 * TypeError that names `what` and says what to do when there is no JSON form.
 */
export function readySchema(
  schema: AnySchema,
  side: 'input' | 'output',
  what: string,
  limits: Limits,
): ReadySchema {
  if (isStandard(schema)) return readyStandard(schema, side, what);
  if (!isJsonObject(schema)) {
    throw new TypeError(`${what} must be a Standard Schema (zod, valibot, arktype) or JSON Schema`);
  }
  const compiled = compileSchema(
    schema,
    {
      depthMax: limits.schemaDepthMax,
      nodesMax: limits.schemaNodesMax,
      stepsMax: limits.schemaStepsMax,
    },
    { trusted: true },
  );
  return {
    json: schema,
    check(value) {
      const issues = compiled.check(value);
      return issues.length === 0 ? { value } : { problem: issues.map(sentence).join('; ') };
    },
  };
}

function isStandard(schema: AnySchema): schema is StandardSchema {
  return schema !== null && '~standard' in Object(schema);
}

function readyStandard(
  schema: StandardSchema,
  side: 'input' | 'output',
  what: string,
): ReadySchema {
  const standard = schema['~standard'];
  const toJson = standard.jsonSchema?.[side];
  if (toJson === undefined) {
    throw new TypeError(
      `${what}: this ${standard.vendor} schema has no JSON form. ` +
        (standard.vendor === 'valibot'
          ? 'Wrap it with toStandardJsonSchema from @valibot/to-json-schema.'
          : 'Use a version of the library that implements Standard JSON Schema.'),
    );
  }
  const checked = (result: StandardResult<unknown>): Checked =>
    result.issues === undefined
      ? { value: result.value }
      : { problem: result.issues.map(sentence).join('; ') };
  return {
    json: toJson({ target: 'draft-2020-12' }),
    check(value) {
      const result = standard.validate(value);
      return result instanceof Promise ? result.then(checked) : checked(result);
    },
  };
}

function sentence(issue: StandardIssue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
}
