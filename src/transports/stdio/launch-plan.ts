import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { McpError } from '../../errors.js';
import { defaultLimits, type Limits } from '../../limits.js';
import { childEnvironment } from './environment.js';
import { findCommand, type FoundCommand } from './find-command.js';
import { applySandbox, readSandbox, type Sandbox } from './sandbox.js';
import { systemTool } from './system-tool.js';
import { refuseUntrusted } from './trusted-file.js';
import { withoutShim } from './windows-shims.js';

export interface Command {
  /** A name to look up on PATH, or a path. Never goes through a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables for the child, over those it inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of further variables that it inherits; see `childEnvironment` for the usual ones. */
  readonly inheritEnv?: readonly string[];
  readonly cwd?: string;
  /** The SHA-256 of the file that is to run, links followed, in hex. Another one is refused. */
  readonly sha256?: string;
  /** Names or absolute paths of all that may be started. Default: anything. */
  readonly allowedCommands?: readonly string[];
  /** What the child may do and see. Default: `none`, whatever this user may. */
  readonly sandbox?: Sandbox;
}

/**
 * How the processes of a plan are ended. `group`: signals go to the process group of the child.
 * `namespace`: also, and its only child is process 1 of a pid namespace, with which all ends.
 * `session`: the only child of the child leads the group that signals go to, and is process 1.
 */
export type Ending = 'group' | 'namespace' | 'session';

/** All that decides what will run. */
export interface LaunchPlan {
  /** The name of what was asked for, for messages. */
  readonly program: string;
  /** The command as it was given: what to run where files are others, as in a container. */
  readonly command: string;
  readonly file: string;
  readonly realFile: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Words of launchers that stand before `file`. They get none of `env`; see `handOver`. */
  readonly around: readonly string[];
  /** Names of variables that were given or asked for, not just inherited. */
  readonly namedEnv: readonly string[];
  readonly cwd: string;
  readonly ending: Ending;
  /** A command that ends what signals do not reach; run when the child had to be killed. */
  readonly afterKill?: { readonly file: string; readonly args: readonly string[] };
  /** One line about what will not be as one might think. */
  readonly warning?: string;
}

export interface PlanOptions {
  /** Default: one that nobody else has. */
  readonly containerName?: string;
  /** Whether the program may be run to find out about it. Default true. */
  readonly mayRun?: boolean;
  readonly limits?: Limits;
}

/**
 * Looks everything up and starts no server. Rejects with McpError connectionFailed. `base` is the
 * plan before a sandbox took its part in it.
 */
export async function planLaunch(
  options: Command,
  { containerName, mayRun = true, limits = defaultLimits }: PlanOptions = {},
): Promise<{ readonly base: LaunchPlan; readonly plan: LaunchPlan }> {
  const { command, platform } = { ...options, platform: process.platform };
  if (command === '') throw failed('The command is empty: name a program to start');
  const sandbox = readSandbox(options.sandbox);
  const cwd = resolve(options.cwd ?? '.');
  const { inheritEnv: inherit = [], env: set = {} } = options;
  refuseBadNames([...inherit, ...Object.keys(set)]);
  const env = childEnvironment({ own: process.env, inherit, set, platform });
  const args = [...(options.args ?? [])];
  refuseNul([command, cwd, ...args, ...Object.keys(env), ...Object.values(env)]);
  refuseTooLong([command, ...args], limits.commandLineBytesMax);
  await refuseMissingFolder(cwd);
  // What is inside of a container is not looked for outside of it.
  const docker = sandbox.profile === 'docker' ? await systemTool('docker') : undefined;
  const wanted = sandbox.profile === 'docker' ? (docker ?? 'docker') : command;
  const direct = await withoutShim(
    { file: await findCommand({ command: wanted, cwd, env, platform }), args },
    platform,
  );
  refuseUnlisted(command, direct.file, options.allowedCommands);
  await refuseUntrusted(direct.file, options.sha256);
  const base: LaunchPlan = {
    program: basename(command),
    command,
    ...direct.file,
    args: direct.args,
    env,
    around: [],
    namedEnv: [...new Set([...Object.keys(set), ...inherit.filter((name) => name in env)])],
    cwd,
    ending: 'group',
  };
  return { base, plan: await applySandbox(base, sandbox, { containerName, mayRun }) };
}

function refuseNul(texts: readonly unknown[]): void {
  if (texts.every((text) => typeof text === 'string' && !text.includes('\0'))) return;
  throw failed('Command, arguments and environment must be texts without the character NUL');
}

function refuseBadNames(names: readonly string[]): void {
  const bad = names.find((name) => name === '' || /[=\0]/.test(name));
  if (bad === undefined) return;
  throw failed(
    `${JSON.stringify(bad)} is no name of a variable: it must not be empty nor contain "=" or NUL`,
  );
}

function refuseTooLong(words: readonly string[], bytesMax: number): void {
  // The system counts the NUL behind each word, too.
  const bytes = words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
  if (bytes <= bytesMax) return;
  throw failed(
    `The command line has ${bytes} bytes, more than ${bytesMax}: ` +
      'put long values into a file or a variable of env',
  );
}

function refuseUnlisted(
  command: string,
  { file, realFile }: FoundCommand,
  allowed: readonly string[] | undefined,
): void {
  if (allowed === undefined) return;
  // By name only what is found by name: a path may lead to anything that is called the same.
  if ([command, file, realFile].some((name) => allowed.includes(name))) return;
  throw failed(
    `The command ${JSON.stringify(command)} (${file}) is not among those allowed: ` +
      (allowed.length === 0 ? 'none is' : allowed.join(', ')),
  );
}

async function refuseMissingFolder(cwd: string): Promise<void> {
  // Without this the system would say that the command does not exist.
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw failed(`The working directory ${cwd} does not exist: create it or correct cwd`);
}

function failed(message: string): McpError {
  return new McpError('connectionFailed', message);
}
