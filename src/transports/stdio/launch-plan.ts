import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { McpError } from '../../errors.js';
import { childEnvironment } from './environment.js';
import { findCommand } from './find-command.js';

export interface Command {
  /** A name to look up on PATH, or a path. Never goes through a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables for the child, over those it inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of further variables that it inherits; see `childEnvironment` for the usual ones. */
  readonly inheritEnv?: readonly string[];
  readonly cwd?: string;
}

/** All that decides what will run. A launcher that isolates it rewrites `file` and `args`. */
export interface LaunchPlan {
  readonly file: string;
  readonly realFile: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Looks everything up and starts nothing. Rejects with McpError connectionFailed. */
export async function planLaunch(options: Command): Promise<LaunchPlan> {
  const { command, args = [], platform } = { ...options, platform: process.platform };
  if (command === '') throw failed('The command is empty: name a program to start');
  const cwd = resolve(options.cwd ?? '.');
  const env = childEnvironment({
    own: process.env,
    inherit: options.inheritEnv ?? [],
    set: options.env ?? {},
    platform,
  });
  refuseNul([command, cwd, ...args, ...Object.keys(env), ...Object.values(env)]);
  await refuseMissingFolder(cwd);
  const found = await findCommand({ command, cwd, env, platform });
  return { ...found, args: [...args], env, cwd };
}

function refuseNul(texts: readonly unknown[]): void {
  if (texts.every((text) => typeof text === 'string' && !text.includes('\0'))) return;
  throw failed('Command, arguments and environment must be texts without the character NUL');
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
