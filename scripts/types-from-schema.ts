/** JSON Schema definitions as TypeScript type aliases; just the keywords that MCP's schemas use. */

export interface Schema {
  readonly $ref?: string;
  readonly additionalProperties?: unknown;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly const?: string | number;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly type?: string | readonly string[];
}

export type Definitions = Readonly<Record<string, Schema>>;

/**
 * One exported alias. Aliases rather than interfaces, because only they can be handed over where a
 * JsonObject is wanted.
 */
export function printDefinition(definitions: Definitions, name: string, withDocs = true): string {
  const schema = definitions[name];
  if (schema === undefined) throw new Error(`The schema has no definition named ${name}.`);
  const print = printer(definitions, withDocs);
  return `${print.doc(schema.description)}export type ${name} = ${print.type(schema, name)};\n`;
}

/** The definitions that `name` refers to and that are printed by name. */
export function usedNames(definitions: Definitions, name: string): string[] {
  const names = new Set<string>();
  const walk = (schema: Schema): void => {
    if (schema.$ref !== undefined) names.add(refName(schema.$ref));
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]) walk(part);
    for (const member of Object.values(schema.properties ?? {})) walk(member);
    if (schema.items !== undefined) walk(schema.items);
    if (isSchema(schema.additionalProperties)) walk(schema.additionalProperties);
  };
  walk(definitions[name] ?? {});
  return [...names].filter((used) => !isBuiltIn(used));
}

/** True for a definition whose type is at home in src/json-rpc/message.ts. */
function isBuiltIn(name: string): boolean {
  return Object.hasOwn(builtIn, name);
}

const builtIn: Readonly<Record<string, string>> = {
  JSONObject: 'JsonObject',
  MetaObject: 'JsonObject',
  RequestId: 'RequestId',
};

interface Printer {
  type(schema: Schema, name?: string): string;
  doc(text: string | undefined): string;
}

function printer(definitions: Definitions, withDocs: boolean): Printer {
  const doc = (text: string | undefined): string => (withDocs ? printDoc(definitions, text) : '');
  const type = (schema: Schema, name = ''): string => {
    if (schema.$ref !== undefined) {
      const used = refName(schema.$ref);
      return builtIn[used] ?? used;
    }
    if (schema.const !== undefined) return literal(schema.const);
    if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
    if (schema.anyOf !== undefined) return schema.anyOf.map((part) => type(part)).join(' | ');
    if (schema.allOf !== undefined) return schema.allOf.map((part) => type(part)).join(' & ');
    if (schema.type === 'array') return `readonly ${wrapped(type(schema.items ?? {}))}[]`;
    if (schema.type === 'object') return objectType(schema, name, type, doc);
    if (schema.type === undefined) return 'unknown';
    return [schema.type].flat().map(scalar).join(' | ');
  };
  return { type, doc };
}

function objectType(
  schema: Schema,
  name: string,
  type: Printer['type'],
  doc: Printer['doc'],
): string {
  const members = Object.entries(schema.properties ?? {}).map(([key, member]) => {
    const optional = schema.required?.includes(key) ? '' : '?';
    return `${doc(member.description)}readonly ${propertyName(key)}${optional}: ${type(member)};`;
  });
  const others = schema.additionalProperties;
  if (members.length === 0) {
    return isSchema(others) && Object.keys(others).length > 0
      ? `{ readonly [key: string]: ${type(others)} }`
      : 'JsonObject';
  }
  // Metadata is open to keys of anybody's, although the published JSON Schema does not say so.
  if (others !== undefined || name.endsWith('MetaObject')) {
    members.push('readonly [key: string]: unknown;');
  }
  return `{\n${members.join('\n')}\n}`;
}

function printDoc(definitions: Definitions, text: string | undefined): string {
  if (text === undefined) return '';
  const paragraph = text.split(/\n\n|\n- /)[0] ?? '';
  const plain = paragraph
    .replaceAll(/\{@link ([^}]*)\}/g, (_, target: string) => linkText(definitions, target))
    .replaceAll(/\s+/g, ' ')
    .replaceAll('*/', '* /')
    .trim();
  const sentence = /^.*?[.:](?= [A-Z]|$)/.exec(plain)?.[0] ?? plain;
  return sentence.length > 86 ? '' : `/** ${sentence} */\n`;
}

/** The published text lost the bar between a link's target and its text. */
function linkText(definitions: Definitions, target: string): string {
  const names = Object.keys(definitions).filter((name) => target.startsWith(name));
  const longest = names.sort((a, b) => b.length - a.length)[0] ?? '';
  return `\`${target.slice(longest.length) || target}\``;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function scalar(type: string): string {
  return type === 'integer' ? 'number' : type;
}

function literal(value: string | number): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function wrapped(type: string): string {
  return / [|&] /.test(type) && !type.startsWith('{') ? `(${type})` : type;
}

function propertyName(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
}
