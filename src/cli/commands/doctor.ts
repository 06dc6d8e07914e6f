import { planForOthers } from '../config-consent.js';
import { type Config, readConfig } from '../config-file.js';
import type { ServerEntry } from '../config-entry.js';
import { commandTarget } from '../config-target.js';
import { fillIn, needsOf, refuseUnmet } from '../config-values.js';
import type { CommandTarget } from '../../connect.js';
import type { Verdict } from '../docker-engine.js';
import { createScrubber } from '../../transports/stdio/secrets.js';
import { usage } from '../failure.js';
import { hideInText } from '../hide-secrets.js';
import { lookAtMachine, type Machine } from '../machine.js';
import { type GlobalOptions, type Results, resultsFor } from '../output.js';
import type { Shell } from '../shell.js';
import { addSandboxOptions, aim, sandboxOptionsIn, type TargetOptions } from '../target.js';
import { exactly } from '../terminal/exactly.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import { version } from '../version.js';
import { addConfigCommand } from './config-command.js';
import type { CommandParts } from './target-command.js';

const help = `No server is started. Something that is missing is no failure: the exit code is 0.

Examples:
  sallyport doctor
  sallyport doctor --config .mcp.json
  sallyport doctor --sandbox bwrap -- npx -y some-mcp-server`;

type Options = GlobalOptions & TargetOptions;

export function addDoctor({ program, line, shell, reporter }: CommandParts): void {
  const command = addConfigCommand(program, {
    name: 'doctor',
    summary: 'Tells what this machine offers, and which guarantees hold for servers on it.',
    usage: '[options]\n       sallyport doctor [options] -- COMMAND ARGUMENT...',
    config: 'tell what its servers would run as',
    help,
  });
  addSandboxOptions(command);
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    if (options.config !== undefined && line.child !== undefined) {
      throw usage('There are a file and a command.', 'Leave out --config, or what follows --.');
    }
    if (options.config === undefined && line.child === undefined && sandboxOptionsIn(options)) {
      throw usage('There is nothing to put in a sandbox.', 'Add --config FILE, or -- COMMAND.');
    }
    const config = options.config === undefined ? undefined : await readConfig(options.config);
    for (const warning of config?.warnings ?? []) reporter().note(warning);
    const machine = await lookAtMachine();
    const launches =
      config === undefined
        ? await launchOf(line.child, options, shell)
        : await launchesOf(config, options, shell);
    const results = resultsFor(shell, options);
    if (options.json === true) {
      results.json({ sallyport: version(), ...machine, ...(launches && { servers: launches }) });
    } else {
      print(results, machine, launches);
    }
  });
}

/** What a server would run as, or why it would not. */
interface Launch {
  readonly server: string;
  readonly runs?: string;
  readonly guarantee?: string;
  readonly connects?: string;
  readonly problem?: string;
}

async function launchOf(
  child: readonly string[] | undefined,
  options: Options,
  shell: Shell,
): Promise<readonly Launch[] | undefined> {
  if (child === undefined) return undefined;
  const { target } = aim([], child, options);
  return [await launch(child[0] ?? '', shell, () => target as CommandTarget)];
}

async function launchesOf(
  config: Config,
  options: Options,
  shell: Shell,
): Promise<readonly Launch[]> {
  const launches: Launch[] = [];
  for (const entry of config.servers) {
    const { name } = entry;
    if (entry.transport === 'http')
      launches.push({ server: name, connects: hideInText(entry.url) });
    else launches.push(await launch(name, shell, () => targetOf(entry, config, options, shell)));
  }
  return launches;
}

function targetOf(
  entry: Extract<ServerEntry, { transport: 'stdio' }>,
  config: Config,
  options: Options,
  { env }: Shell,
): CommandTarget {
  const needs = needsOf(entry, config, env);
  refuseUnmet(entry, config, needs);
  // Nobody is asked for anything here, so what they would say is shown as it is written.
  const inputs = new Map(needs.inputs.map((id) => [id, `\${input:${id}}`] as const));
  return commandTarget(fillIn(entry, config, env, inputs), options);
}

async function launch(
  server: string,
  { env }: Shell,
  makeTarget: () => CommandTarget,
): Promise<Launch> {
  const secrets = withValues(env);
  // What a doctor says is shown to others.
  const safe = (text: string): string => hideInText(createScrubber(secrets).scrub(text));
  try {
    const target = makeTarget();
    Object.assign(secrets, target.env);
    const { line, guarantee } = await planForOthers(target);
    return { server, runs: safe(line), guarantee };
  } catch (thrown) {
    return { server, problem: safe(thrown instanceof Error ? thrown.message : String(thrown)) };
  }
}

function withValues(env: Shell['env']): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function print(
  { print: say, paint }: Results,
  { node, platform, offers, guarantees, advice }: Machine,
  launches: readonly Launch[] = [],
): void {
  const width = Math.max(...offers.map(({ name }) => name.length));
  say(`sallyport ${version()}, Node ${node}, ${platform}`);
  say(`\n${paint.bold('This machine has')}`);
  for (const { name, has, detail } of offers) {
    const found = verdict(has, paint, verdictWidth);
    say(`  ${name.padEnd(width)}  ${found}  ${paint.dim(oneLine(detail))}`);
  }
  say(`\n${paint.bold('What holds for servers that are started here')}`);
  for (const { what, holds, how } of guarantees) {
    say(`  ${what}: ${verdict(holds, paint)}${how === '' ? '' : ` (${oneLine(how)})`}`);
  }
  if (launches.length > 0) say(`\n${paint.bold('What would run')}`);
  for (const one of launches) for (const line of launchLines(one, paint)) say(`  ${line}`);
  if (advice.length > 0) say(`\n${paint.bold('To have more')}`);
  for (const line of advice) say(`  ${oneLine(line)}`);
}

const verdictWidth = 'unknown'.length;

function verdict(is: Verdict, paint: Paint, width = 0): string {
  const word = is === 'unknown' ? is : is ? 'yes' : 'no';
  const space = ' '.repeat(Math.max(0, width - word.length));
  return (is === true ? word : paint.yellow(word)) + space;
}

function launchLines(
  { server, runs, guarantee, connects, problem }: Launch,
  paint: Paint,
): readonly string[] {
  const name = paint.bold(exactly(server));
  if (problem !== undefined) return [`${name}  ${paint.yellow('cannot run:')} ${oneLine(problem)}`];
  if (connects !== undefined) return [`${name}  connects to ${oneLine(connects)}`];
  return [`${name}  ${runs ?? ''}`, `  ${oneLine(guarantee ?? '')}`];
}
