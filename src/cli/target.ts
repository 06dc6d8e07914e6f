import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandTarget, EraChoice } from '../connect.js';
import { readPairs } from './arguments.js';
import {
  type SandboxOptions,
  type SandboxProfile,
  sandboxProfiles,
} from '../transports/stdio/sandbox.js';
import { usage } from './failure.js';

/** Options of every command that talks to a server. */
export interface TargetOptions {
  readonly era: EraChoice;
  /** In milliseconds. */
  readonly timeout: number;
  readonly header?: readonly string[];
  readonly headerFile?: readonly string[];
  readonly clientCredentials?: string;
  readonly allowNetwork?: readonly string[];
  readonly env?: readonly string[];
  readonly answer?: readonly string[];
  readonly config?: string;
  readonly yes?: boolean;
  readonly input?: readonly string[];
  readonly sandbox?: SandboxProfile;
  readonly sandboxRead?: readonly string[];
  readonly sandboxWrite?: readonly string[];
  readonly sandboxNetwork?: boolean;
  readonly sandboxImage?: string;
}

export function addTargetOptions(command: Command): Command {
  addServerOptions(command);
  return addSandboxOptions(command).optionsGroup('Options:');
}

function addServerOptions(command: Command): Command {
  return command
    .optionsGroup('Options for the server:')
    .addOption(
      new Option('--era <era>', 'of the protocol: auto, modern or legacy')
        .argParser(readEra)
        .default('auto'),
    )
    .addOption(
      new Option('--timeout <time>', 'give up after this time without progress: 30, 500ms, 2m')
        .argParser(readTime)
        .default(60_000, '60 seconds'),
    )
    .option('-H, --header <line>', 'HTTP header, "Name: value"; may be repeated', collect)
    .option('--header-file <file>', 'headers, one a line, kept out of "ps"', collect)
    .option(
      '--client-credentials <file>',
      'JSON with clientId and clientSecret: log in as a program',
    )
    .option('--allow-network <network>', 'of an authorization server that is not public', collect)
    .option('-e, --env <name=value>', 'variable for the command after --', collect)
    .option('--answer <name=value>', "answer to a server's question; may be repeated", collect)
    .option('-c, --config <file>', 'TARGET is the name of a server in this file (mcpServers)')
    .option('-y, --yes', 'start what the file says without asking, and remember it')
    .option('--input <id=value>', 'value that the file asks its user for', collect);
}

export function addSandboxOptions(command: Command): Command {
  return command
    .optionsGroup('Options for a server that is started here:')
    .addOption(new Option('--sandbox <profile>', 'what it may do').choices([...sandboxProfiles]))
    .option('--sandbox-read <path>', 'it may read this', collect)
    .option('--sandbox-write <path>', 'it may read and write this', collect)
    .option('--sandbox-network', 'it may use the network')
    .option('--sandbox-image <image>', 'of the container, for docker');
}

/** What the command line says, else what a file said; the former may add to the latter. */
export function sandboxFor(
  options: TargetOptions,
  configured?: SandboxOptions,
): SandboxOptions | undefined {
  const { sandbox, sandboxRead, sandboxWrite, sandboxNetwork, sandboxImage } = options;
  const base = sandbox === undefined ? configured : { profile: sandbox };
  const own = {
    ...(sandboxRead && { readOnlyRoots: withOwn(base?.readOnlyRoots, sandboxRead) }),
    ...(sandboxWrite && { roots: withOwn(base?.roots, sandboxWrite) }),
    ...(sandboxNetwork && { network: true }),
    ...(sandboxImage && { image: sandboxImage }),
  };
  if (base !== undefined) return withImage({ ...base, ...own });
  if (Object.keys(own).length === 0) return undefined;
  throw usage('There is no sandbox to allow this in.', 'Name one: --sandbox bwrap');
}

function withImage(sandbox: SandboxOptions): SandboxOptions {
  const { profile, image = '' } = sandbox;
  if (profile !== 'docker' || image !== '') return sandbox;
  throw usage('A container needs an image.', 'Name one: --sandbox-image node:22-slim');
}

function withOwn(before: readonly string[] = [], own: readonly string[]): string[] {
  return [...before, ...own.map((path) => resolve(path))];
}

/** What to connect to, and the words that are left for the command itself. */
export interface Aimed {
  readonly target: string | CommandTarget;
  readonly headers: { readonly [name: string]: string };
  readonly rest: readonly string[];
}

/** TARGET is the first word, or else the command line after `--`. */
export function aim(
  words: readonly string[],
  child: readonly string[] | undefined,
  options: TargetOptions,
): Aimed {
  if (child !== undefined) {
    const [command, ...args] = child;
    if (command === undefined) throw usage('Nothing follows --.', 'Put a command there.');
    refuseForCommand(options);
    const sandbox = sandboxFor(options);
    const env = readPairs(options.env ?? [], 'variable');
    const target = { command, args, env, ...(sandbox === undefined ? {} : { sandbox }) };
    return { target, headers: {}, rest: words };
  }
  const [url, ...rest] = words;
  if (url === undefined) {
    throw usage('There is no server to talk to.', 'Give a URL, or a command after --.');
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw usage(
      `"${url}" is no URL.`,
      'Write http://HOST:PORT/mcp, start a command with -- at the end, or name its --config.',
    );
  }
  refuseForUrl(options);
  return { target: url, headers: readHeaders(options), rest };
}

/** What only makes sense for a command. */
export function refuseForUrl(options: TargetOptions): void {
  if (options.env !== undefined) {
    throw usage('-e sets variables of a command.', 'For a URL use -H "Name: value".');
  }
  if (!sandboxOptionsIn(options)) return;
  throw usage('A server at a URL gets no sandbox.', 'Only what is started here can have one.');
}

/** Whether there are any. */
export function sandboxOptionsIn(options: TargetOptions): boolean {
  const { sandbox, sandboxRead, sandboxWrite, sandboxNetwork, sandboxImage } = options;
  const given = [sandbox, sandboxRead, sandboxWrite, sandboxNetwork, sandboxImage];
  return given.some((option) => option !== undefined);
}

/** For what has no HTTP headers. */
export function refuseForCommand({ header, headerFile }: TargetOptions): void {
  if (header === undefined && headerFile === undefined) return;
  throw usage('A command has no HTTP headers.', 'Give it variables instead: -e NAME=VALUE.');
}

/** From files and options; later ones win. */
export function readHeaders({ header = [], headerFile = [] }: TargetOptions): {
  [name: string]: string;
} {
  const lines = headerFile.flatMap((file) =>
    readFile(file)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('#')),
  );
  return Object.fromEntries([...lines, ...header].map(readHeader));
}

// RFC 9110, section 5.1: a name is a token; a value has no line breaks.
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)$/;

function readHeader(line: string): readonly [name: string, value: string] {
  const [, name, value] = headerLine.exec(line) ?? [];
  // The line is not shown: it may hold a secret.
  if (name === undefined) throw usage('A header is malformed.', 'Write it as "Name: value".');
  return [name.toLowerCase(), value?.trim() ?? ''];
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw usage(`The header file "${file}" cannot be read: ${code}.`, 'Check its path.');
  }
}

function readEra(text: string): EraChoice {
  if (text === 'auto' || text === 'modern' || text === 'legacy') return text;
  throw new InvalidArgumentError('It is auto, modern or legacy.');
}

const unitMs: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000 };

function readTime(text: string): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? 0);
  if (ms >= 1 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError('It is a number of seconds, or like 500ms or 2m.');
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
