import { basename, dirname } from 'node:path';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { readEntry, type ServerEntry } from './config-entry.js';
import { parseConfigText, readTrusted, refused } from './config-text.js';
import { closest } from './suggest.js';

/** The servers of a file as MCP hosts have them. */
export interface Config {
  /** The file, links followed. */
  readonly file: string;
  /** What `${workspaceFolder}` stands for, and where relative paths begin. */
  readonly workspaceFolder: string;
  readonly servers: readonly ServerEntry[];
  readonly inputs: readonly ConfigInput[];
  /** What was not understood, in sentences. */
  readonly warnings: readonly string[];
}

/** A value that Visual Studio Code asks its user for. */
export interface ConfigInput {
  readonly id: string;
  readonly description: string;
  readonly isSecret: boolean;
  readonly preset: string | undefined;
  readonly options: readonly string[] | undefined;
}

const { configServersMax: serversMax } = defaultLimits;

/**
 * Reads the `mcpServers` of Claude, Cursor and Windsurf, or the `servers` of Visual Studio Code.
 * Starts nothing. Rejects with a Failure.
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readTrusted(path);
  const root = parseConfigText(text, path);
  if (!isJsonObject(root)) throw refused(path, 'has no object at its top', advice);
  const { servers, inputs } = serversOf(root, path);
  const entries = Object.entries(servers);
  if (entries.length > serversMax) throw refused(path, `has over ${serversMax} servers`, '');
  const warnings: string[] = [];
  return {
    file: text.file,
    workspaceFolder: workspaceOf(text.file),
    servers: entries.map(([name, entry]) => readEntry(name, entry, path, warnings)),
    inputs: inputs.flatMap((input) => readInput(input)),
    warnings,
  };
}

const advice = 'Write {"mcpServers": {"name": {"command": …}}}.';

function serversOf(
  root: JsonObject,
  path: string,
): { readonly servers: JsonObject; readonly inputs: readonly unknown[] } {
  // In settings.json the same stands one level deeper.
  const inSettings = isJsonObject(root['mcp']) ? root['mcp'] : {};
  for (const holder of [root, inSettings]) {
    const servers = holder['mcpServers'] ?? holder['servers'];
    if (servers === undefined) continue;
    if (!isJsonObject(servers)) throw refused(path, 'has servers that are no object', advice);
    const { inputs = [] } = holder;
    if (!Array.isArray(inputs)) throw refused(path, 'has inputs that are no list', '');
    return { servers, inputs: inputs as readonly unknown[] };
  }
  for (const name of Object.keys(root)) {
    const meant = closest(name, ['mcpServers', 'servers']);
    if (meant === undefined) continue;
    throw refused(path, `has "${name}", but no servers`, `Did you mean "${meant}"?`);
  }
  throw refused(path, 'has neither "mcpServers" nor "servers"', advice);
}

function workspaceOf(file: string): string {
  const folder = dirname(file);
  // Hosts keep the file of a project in a folder of theirs.
  return hostFolders.has(basename(folder)) ? dirname(folder) : folder;
}

const hostFolders: ReadonlySet<string> = new Set(
  '.vscode .cursor .windsurf .codeium .claude .gemini .roo'.split(' '),
);

function readInput(input: unknown): readonly ConfigInput[] {
  if (!isJsonObject(input)) return [];
  const { id, type, description, password, default: preset, options } = input;
  if (typeof id !== 'string' || (type !== 'promptString' && type !== 'pickString')) return [];
  return [
    {
      id,
      description: typeof description === 'string' ? description : id,
      isSecret: password === true,
      preset: typeof preset === 'string' ? preset : undefined,
      options: Array.isArray(options)
        ? options.filter((option): option is string => typeof option === 'string')
        : undefined,
    },
  ];
}
