import type { ServerEntry } from '../config-entry.js';
import { type Config, readConfig } from '../config-file.js';
import { needsOf } from '../config-values.js';
import { exitCodesHelp } from '../exits.js';
import { usage } from '../failure.js';
import { hideInText, hideInWords } from '../hide-secrets.js';
import { type GlobalOptions, resultsFor } from '../output.js';
import type { Shell } from '../shell.js';
import { exactly } from '../terminal/exactly.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import { addConfigCommand } from './config-command.js';
import type { CommandParts } from './target-command.js';

const help = `Nothing is started. Values of variables and headers are not shown,
nor is what looks like a secret.

Examples:
  sallyport servers --config .mcp.json
  sallyport servers --config .vscode/mcp.json --json | jq '.servers[].name'
  sallyport call --config .mcp.json files read_file path=notes.txt

${exitCodesHelp}`;

export function addServers({ program, shell, reporter }: CommandParts): void {
  const command = addConfigCommand(program, {
    name: 'servers',
    summary: 'Lists the servers of a configuration file.',
    usage: '[options] --config FILE',
    config: 'with mcpServers or servers, as MCP hosts have it',
    help,
  });
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions & { readonly config?: string }>();
    const path = options.config;
    if (path === undefined) throw usage('There is no file to read.', 'Give --config FILE.');
    const config = await readConfig(path);
    const results = resultsFor(shell, options);
    const servers = config.servers.map((entry) => summaryOf(entry, config, shell));
    if (options.json === true) {
      results.json({ file: config.file, servers, warnings: config.warnings });
      return;
    }
    for (const warning of config.warnings) reporter().note(warning);
    results.print(servers.length === 0 ? 'No servers.' : tableOf(servers, results.paint));
  });
}

/** What is written about a server, by names where there may be secrets. */
interface Summary {
  readonly name: string;
  readonly transport: ServerEntry['transport'];
  readonly disabled: boolean;
  readonly missing: readonly string[];
  readonly inputs: readonly string[];
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly sandbox?: string;
  readonly url?: string;
  readonly headers?: readonly string[];
}

function summaryOf(entry: ServerEntry, config: Config, { env }: Shell): Summary {
  const { name, transport, disabled } = entry;
  const { missing, inputs } = needsOf(entry, config, env);
  const common = { name, transport, disabled, missing, inputs };
  if (entry.transport === 'http') {
    return { ...common, url: hideInText(entry.url), headers: Object.keys(entry.headers) };
  }
  return {
    ...common,
    command: hideInText(entry.command),
    args: hideInWords(entry.args),
    env: Object.keys(entry.env),
    ...(entry.cwd === undefined ? {} : { cwd: entry.cwd }),
    sandbox: entry.sandbox?.profile ?? 'none',
  };
}

function tableOf(servers: readonly Summary[], paint: Paint): string {
  const names = servers.map(({ name }) => exactly(name).slice(0, columnMax));
  const width = Math.max(...names.map(({ length }) => length));
  return servers
    .map((server, at) => {
      const name = names[at]!.padEnd(width);
      const notes = notesOn(server);
      const after = notes.length === 0 ? '' : `  ${paint.yellow(`(${notes.join('; ')})`)}`;
      return `${paint.bold(name)}  ${server.transport.padEnd(5)}  ${whatOf(server)}${after}`;
    })
    .join('\n');
}

const columnMax = 40;

function whatOf({ url, command = '', args = [] }: Summary): string {
  return oneLine(url ?? [command, ...args].join(' '), 200);
}

function notesOn({ disabled, missing, inputs, sandbox = 'none' }: Summary): string[] {
  const notes: string[] = [];
  if (disabled) notes.push('disabled');
  if (sandbox !== 'none') notes.push(`sandbox ${sandbox}`);
  if (missing.length > 0) notes.push(`not set: ${oneLine(missing.join(', '))}`);
  if (inputs.length > 0) notes.push(`asks for ${oneLine(inputs.join(', '))}`);
  return notes;
}
