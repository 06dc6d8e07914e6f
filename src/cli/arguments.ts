import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Tool } from '../protocol/modern.types.js';
import { coerce, isList, kindOf } from './coerce.js';
import { type Failure, usage } from './failure.js';
import { closest, listed } from './suggest.js';

/** One argument as it was typed; what a plain text means is for the tool's schema to say. */
export type Typed =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly json: unknown }
  | { readonly all: JsonObject };

/** Reads `key=value`, `key:=json`, `{…}`, `@file` and `-`, without the tool's schema yet. */
export async function readTyped(words: readonly string[], stdin: Readable): Promise<Typed[]> {
  const typed: Typed[] = [];
  for (const word of words) typed.push(await readWord(word, stdin));
  return typed;
}

/** `key=value` pairs whose values stay text. */
export function readPairs(words: readonly string[], what: string): { [name: string]: string } {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)] as const;
      throw usage(`"${word}" is no ${what}.`, `Write it as name=value.`);
    }),
  );
}

/** For commands that take nothing after TARGET. */
export function noWords([first]: readonly string[]): undefined {
  if (first === undefined) return undefined;
  throw usage(`"${first}" is too much.`, 'This command takes a server and nothing else.');
}

/**
 * The arguments of a call, with texts read as the tool's input schema wants them. `warn` is told of
 * names that the schema allows without knowing them, which are often mistyped.
 */
export function argumentsFor(
  tool: Tool,
  typed: readonly Typed[],
  warn: (warning: string) => void,
): JsonObject {
  const schema: JsonObject = tool.inputSchema;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const values = new Map<string, unknown>();
  for (const one of typed) {
    if ('all' in one) {
      for (const [name, value] of Object.entries(one.all)) values.set(name, value);
      continue;
    }
    const { name } = one;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      const unknown = unknownName(name, tool, Object.keys(properties));
      if (schema['additionalProperties'] === false) throw unknown;
      if (schema['additionalProperties'] === undefined) warn(`${unknown.message} ${unknown.next}`);
    }
    const value = 'json' in one ? one.json : coerce(name, one.text, property, schema);
    const before = values.get(name);
    const isMore = Array.isArray(before) && Array.isArray(value) && isList(property, schema);
    values.set(name, isMore ? [...(before as unknown[]), ...(value as unknown[])] : value);
  }
  refuseMissing(tool, properties, values);
  return Object.fromEntries(values);
}

async function readWord(word: string, stdin: Readable): Promise<Typed> {
  if (word === '-') return { all: parseObject(await readAll(stdin), 'standard input') };
  if (word.startsWith('@')) return { all: parseObject(await readText(word.slice(1)), word) };
  if (word.startsWith('{')) return { all: parseObject(word, 'the argument in braces') };
  const at = word.indexOf('=');
  if (at > 1 && word[at - 1] === ':') {
    const name = word.slice(0, at - 1);
    return { name, json: parse(word.slice(at + 1), `the value of ${name}`) };
  }
  if (at > 0) return { name: word.slice(0, at), text: word.slice(at + 1) };
  throw usage(
    `"${word}" is no argument.`,
    `Write name=value, name:=JSON, '{"name": …}', @FILE or - for standard input.`,
  );
}

function parseObject(text: string, where: string): JsonObject {
  const value = parse(text, where);
  if (isJsonObject(value)) return value;
  throw usage(`There is JSON in ${where}, but no object.`, `Write {"name": value, …} there.`);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw usage(`There is no valid JSON in ${where}: ${why}`, 'Check its quotes and commas.');
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw usage(`The file "${path}" cannot be read: ${code}.`, 'Check its path and permissions.');
  }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as string | Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

function unknownName(name: string, tool: Tool, names: readonly string[]): Failure {
  const meant = closest(name, names);
  const next =
    names.length === 0
      ? 'It takes none.'
      : meant === undefined
        ? `It takes: ${listed(names)}.`
        : `Did you mean ${meant}?`;
  return usage(`The tool "${tool.name}" has no argument "${name}".`, next);
}

function refuseMissing(tool: Tool, properties: JsonObject, values: Map<string, unknown>): void {
  const { required } = tool.inputSchema as JsonObject;
  const missing = (Array.isArray(required) ? (required as readonly string[]) : []).filter(
    (name) => !values.has(name),
  );
  if (missing.length === 0) return;
  const shown = missing.map((name) => `${name}=<${kindOf(properties[name], tool.inputSchema)}>`);
  throw usage(`The tool "${tool.name}" also needs ${listed(missing)}.`, `Add ${shown.join(' ')}`);
}
