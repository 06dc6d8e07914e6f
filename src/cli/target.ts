import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import type { CommandTarget, EraChoice } from '../connect.js';
import { readPairs } from './arguments.js';
import { usage } from './failure.js';

/** Options of every command that talks to a server. */
export interface TargetOptions {
  readonly era: EraChoice;
  /** In milliseconds. */
  readonly timeout: number;
  readonly header?: readonly string[];
  readonly headerFile?: readonly string[];
  readonly env?: readonly string[];
  readonly answer?: readonly string[];
}

export function addTargetOptions(command: Command): Command {
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
    .option('-e, --env <name=value>', 'variable for the command after --', collect)
    .option('--answer <name=value>', "answer to a server's question; may be repeated", collect)
    .optionsGroup('Options:');
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
    if (options.header !== undefined || options.headerFile !== undefined) {
      throw usage('A command has no HTTP headers.', 'Give it variables instead: -e NAME=VALUE.');
    }
    const target = { command, args, env: readPairs(options.env ?? [], 'variable') };
    return { target, headers: {}, rest: words };
  }
  const [url, ...rest] = words;
  if (url === undefined) {
    throw usage('There is no server to talk to.', 'Give a URL, or a command after --.');
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw usage(
      `"${url}" is no URL.`,
      'Write http://HOST:PORT/mcp, or start a command: put it at the end, after --.',
    );
  }
  if (options.env !== undefined) {
    throw usage('-e sets variables of a command.', 'For a URL use -H "Name: value".');
  }
  return { target: url, headers: readHeaders(options), rest };
}

function readHeaders({ header = [], headerFile = [] }: TargetOptions): { [name: string]: string } {
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

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
