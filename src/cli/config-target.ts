import type { CommandTarget } from '../connect.js';
import { createPrompter } from './terminal/prompter.js';
import { approvalsOf } from './config-approvals.js';
import {
  askConsent,
  type Consenting,
  proposeAddress,
  proposeCommand,
  serverIdOf,
} from './config-consent.js';
import type { HttpEntry, ServerEntry, StdioEntry } from './config-entry.js';
import { type Config, type ConfigInput, readConfig } from './config-file.js';
import { fillIn, type Needs, needsOf, refuseUnmet } from './config-values.js';
import { readPairs } from './arguments.js';
import { Failure, usage } from './failure.js';
import type { Shell } from './shell.js';
import { closest, listed } from './suggest.js';
import {
  type Aimed,
  readHeaders,
  refuseForCommand,
  refuseForUrl,
  sandboxFor,
  type TargetOptions,
} from './target.js';
import { exactly, quoted } from './terminal/exactly.js';
import { oneLine } from './terminal/paint.js';
import type { Prompter } from './terminal/prompter.js';

interface ConfigAim {
  readonly words: readonly string[];
  readonly path: string;
  readonly options: TargetOptions;
  readonly shell: Shell;
  note(text: string): void;
}

/** The first word is the name of a server in a file. Asks what has to be asked. */
export async function aimAtConfig({ words, path, ...aim }: ConfigAim): Promise<Aimed> {
  const { options, shell, note } = aim;
  const config = await readConfig(path);
  for (const warning of config.warnings) note(warning);
  const [name, ...rest] = words;
  const entry = findServer(config, name, path);
  const needs = needsOf(entry, config, shell.env);
  refuseUnmet(entry, config, needs);
  const prompter = createPrompter(shell);
  const inputs = await answerInputs(entry, config, needs, { prompter, options });
  const filled = fillIn(entry, config, shell.env, inputs);
  const used = needs.variables
    .filter((variable) => Object.hasOwn(shell.env, variable))
    .map((variable) => [variable, shell.env[variable] ?? ''] as const);
  const secrets = { ...Object.fromEntries(used), ...secretInputs(inputs) };
  const approvals = approvalsOf(shell.env);
  const consenting = { approvals, prompter, yes: options.yes === true, note, secrets };
  if (filled.transport === 'stdio') {
    return {
      target: await consentedCommand(config, { entry, filled }, needs, { options, consenting }),
      headers: {},
      rest,
    };
  }
  refuseForUrl(options);
  const written = entry as HttpEntry;
  const target = await consentedAddress(config, { written, filled }, needs, consenting);
  const lines = Object.entries(filled.headers).map(([key, value]) => `${key}: ${value}`);
  const { header = [] } = options;
  return { target, headers: readHeaders({ ...options, header: [...lines, ...header] }), rest };
}

async function consentedCommand(
  config: Config,
  { entry, filled }: { readonly entry: ServerEntry; readonly filled: StdioEntry },
  needs: Needs,
  { options, consenting }: { readonly options: TargetOptions; readonly consenting: Consenting },
): Promise<CommandTarget> {
  refuseForCommand(options);
  const target = commandTarget(filled, options);
  const written = {
    ...(entry.transport === 'stdio' ? entry.env : {}),
    ...readPairs(options.env ?? [], 'variable'),
  };
  const server = serverIdOf(config, filled.name);
  const { plan, proposal } = await proposeCommand({ server, target, written, needs });
  const secrets = { ...consenting.secrets, ...target.env };
  await askConsent(proposal, { ...consenting, secrets });
  // A program that is replaced while its user is being asked is refused. Between the look at it
  // when it is started and its start, both of which go by its path, there is a gap that stays.
  return { ...target, sha256: plan.sha256 };
}

async function consentedAddress(
  config: Config,
  { written, filled }: { readonly written: HttpEntry; readonly filled: HttpEntry },
  needs: Needs,
  consenting: Consenting,
): Promise<string> {
  const { name, url } = filled;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Failure(
      'configuration',
      `The server ${quoted(name)} has no address of http or https.`,
      '',
    );
  }
  const proposal = proposeAddress(serverIdOf(config, name), written, needs);
  if (proposal !== undefined) await askConsent(proposal, consenting);
  return url;
}

/** What an entry stands for, once it is filled in. */
export function commandTarget(filled: StdioEntry, options: TargetOptions): CommandTarget {
  const { command, args, cwd, inheritEnv, sha256 } = filled;
  const sandbox = sandboxFor(options, filled.sandbox);
  return {
    ...{ command, args, inheritEnv },
    env: { ...filled.env, ...readPairs(options.env ?? [], 'variable') },
    ...(cwd === undefined ? {} : { cwd }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

function findServer(config: Config, name: string | undefined, path: string): ServerEntry {
  const names = config.servers.map((server) => server.name);
  const shown = listed(names.map((one) => exactly(one)));
  const there = names.length === 0 ? 'It has none.' : `It has: ${shown}.`;
  if (name === undefined) throw usage(`Which server of "${path}"?`, `Name it. ${there}`);
  const entry = config.servers.find((server) => server.name === name);
  if (entry === undefined) {
    const meant = closest(name, names);
    const next = meant === undefined ? there : `Did you mean ${exactly(meant)}?`;
    throw usage(`There is no server ${quoted(name)} in ${quoted(path)}.`, next);
  }
  if (!entry.disabled) return entry;
  throw usage(`The server ${quoted(name)} is disabled in "${path}".`, 'Enable it there first.');
}

async function answerInputs(
  { name }: ServerEntry,
  { inputs }: Config,
  needs: Needs,
  {
    prompter,
    options,
  }: { readonly prompter: Prompter | undefined; readonly options: TargetOptions },
): Promise<ReadonlyMap<string, string>> {
  const given = readPairs(options.input ?? [], 'input');
  const answers = new Map<string, string>();
  const open: ConfigInput[] = [];
  for (const input of inputs.filter(({ id }) => needs.inputs.includes(id))) {
    const answer = Object.hasOwn(given, input.id) ? given[input.id] : undefined;
    if (answer !== undefined) answers.set(input.id, answer);
    else if (prompter === undefined && input.preset !== undefined) {
      answers.set(input.id, input.preset);
    } else open.push(input);
  }
  if (open.length > 0 && prompter === undefined) {
    const ids = open.map(({ id }) => id);
    const next = `Run it at a terminal, or give ${ids.map((id) => `--input ${id}=…`).join(' ')}`;
    const message = `The server ${quoted(name)} asks for ${ids.join(', ')}.`;
    throw new Failure('configuration', message, next);
  }
  for (const input of open) answers.set(input.id, await askInput(input, prompter as Prompter));
  return answers;
}

async function askInput(input: ConfigInput, prompter: Prompter): Promise<string> {
  const { description, isSecret, preset, options } = input;
  const choices = options === undefined ? '' : ` (${oneLine(options.join(', '))})`;
  const usual = preset === undefined ? '' : ` [${oneLine(preset)}]`;
  for (;;) {
    const question = `${oneLine(description)}${choices}${usual}: `;
    const answer = await prompter.ask(question, { isSecret });
    if (answer === undefined) throw new Failure('interrupted', 'The question was left open.', '');
    const value = answer === '' ? (preset ?? '') : answer;
    if (options === undefined || options.includes(value)) return value;
  }
}

function secretInputs(inputs: ReadonlyMap<string, string>): { [name: string]: string } {
  return Object.fromEntries([...inputs].map(([id, value]) => [`SECRET_${id}`, value]));
}
