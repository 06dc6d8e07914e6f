import { homedir } from 'node:os';
import { basename, resolve, sep } from 'node:path';
import {
  expandVariables,
  insidesOf,
  readReference,
  type Variables,
} from '../transports/stdio/expand-variables.js';
import type { HttpEntry, ServerEntry, StdioEntry } from './config-entry.js';
import type { Config } from './config-file.js';
import { Failure } from './failure.js';

/** What an entry needs before it can be used. */
export interface Needs {
  /** Variables of the environment that it mentions. */
  readonly variables: readonly string[];
  /** Those of them that are not set and have no default. */
  readonly missing: readonly string[];
  /** Ids of what a person is asked for. */
  readonly inputs: readonly string[];
  /** What only the host can fill in that the file was written for. */
  readonly unknown: readonly string[];
}

type Env = { readonly [name: string]: string | undefined };

export function needsOf(entry: ServerEntry, config: Config, env: Env): Needs {
  const own = ownVariables(config, env);
  const needs = { variables: [], missing: [], inputs: [], unknown: [] } as {
    [name in keyof Needs]: string[];
  };
  const add = (list: string[], item: string): void => {
    if (!list.includes(item)) list.push(item);
  };
  for (const inside of textsOf(entry).flatMap(insidesOf)) {
    const reference = readReference(inside);
    if (reference === undefined) {
      if (inside.startsWith(inputPrefix)) add(needs.inputs, inside.slice(inputPrefix.length));
      else if (inside !== '/') add(needs.unknown, inside);
    } else if (!Object.hasOwn(own, reference.name)) {
      const { name, preset } = reference;
      add(needs.variables, name);
      // The environment of a process has the members of every object, which are no variables.
      const isSet = Object.hasOwn(env, name) && env[name] !== undefined;
      if (preset === undefined && !isSet) add(needs.missing, name);
    }
  }
  return needs;
}

const inputPrefix = 'input:';

/** Refuses an entry that cannot be filled in, and names all that is missing at once. */
export function refuseUnmet(entry: ServerEntry, config: Config, needs: Needs): void {
  const { missing, unknown, inputs } = needs;
  const who = `The server "${entry.name}"`;
  const known = new Set(config.inputs.map(({ id }) => id));
  const strange = [
    ...unknown,
    ...inputs.filter((id) => !known.has(id)).map((id) => inputPrefix + id),
  ];
  if (strange.length > 0) {
    const shown = strange.map((inside) => `\${${inside}}`).join(', ');
    const next = 'Replace it by its value, or by a variable: ${NAME}.';
    throw new Failure('configuration', `${who} needs ${shown}, which is unknown here.`, next);
  }
  if (missing.length === 0) return;
  const what = missing.length === 1 ? 'a variable that is' : 'variables that are';
  throw new Failure(
    'configuration',
    `${who} needs ${what} not set: ${missing.join(', ')}.`,
    'Set them in the environment, or write ${NAME:-default}.',
  );
}

export function fillIn<Entry extends ServerEntry>(
  entry: Entry,
  config: Config,
  env: Env,
  inputs: ReadonlyMap<string, string>,
): Entry {
  const variables: Variables = { ...env, ...ownVariables(config, env) };
  const other = (inside: string): string | undefined =>
    inside === '/' ? sep : inputs.get(inside.slice(inputPrefix.length));
  const one = (text: string): string => expandVariables([text], variables, other)[0] as string;
  if (entry.transport === 'http') return fillHttp(entry, one) as Entry;
  return fillStdio(entry, one, config) as Entry;
}

type Fill = (text: string) => string;

function fillHttp(entry: HttpEntry, one: Fill): HttpEntry {
  return { ...entry, url: one(entry.url), headers: mapValues(entry.headers, one) };
}

function fillStdio(entry: StdioEntry, one: Fill, { workspaceFolder }: Config): StdioEntry {
  const { sandbox } = entry;
  return {
    ...entry,
    command: one(entry.command),
    args: entry.args.map(one),
    env: mapValues(entry.env, one),
    cwd: resolve(workspaceFolder, entry.cwd === undefined ? '.' : one(entry.cwd)),
    sandbox: sandbox && {
      ...sandbox,
      ...(sandbox.roots && { roots: sandbox.roots.map(one) }),
      ...(sandbox.readOnlyRoots && { readOnlyRoots: sandbox.readOnlyRoots.map(one) }),
    },
  };
}

function mapValues(texts: { readonly [name: string]: string }, one: Fill): typeof texts {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, one(text)]));
}

function textsOf(entry: ServerEntry): readonly string[] {
  if (entry.transport === 'http') return [entry.url, ...Object.values(entry.headers)];
  const { command, args, env, cwd = '', sandbox } = entry;
  const roots = [...(sandbox?.roots ?? []), ...(sandbox?.readOnlyRoots ?? [])];
  return [command, ...args, ...Object.values(env), cwd, ...roots];
}

/** Names that mean the same to all of these hosts, whatever the environment says. */
function ownVariables({ workspaceFolder }: Config, env: Env): { [name: string]: string } {
  return {
    workspaceFolder,
    workspaceFolderBasename: basename(workspaceFolder),
    userHome: env['HOME'] ?? homedir(),
    pathSeparator: sep,
  };
}
