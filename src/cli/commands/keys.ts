import { type Command, InvalidArgumentError, Option } from 'commander';
import { isScope } from '../../authorization.js';
import { addKey, readKeyFile, revokeKey, type StoredKey } from '../../auth/node-key-file.js';
import { McpError } from '../../errors.js';
import { exitCodesHelp } from '../exits.js';
import { Failure, usage } from '../failure.js';
import { type GlobalOptions, type Results, resultsFor } from '../output.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import type { CommandParts } from './target-command.js';

interface KeyOptions extends GlobalOptions {
  readonly file: string;
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly expires: number;
}

const dayMs = 24 * 60 * 60 * 1000;

const keysHelp = `
A server takes the keys of a file by listen(server, { auth: apiKeys('keys.json'), publicUrl }). The
file holds digests, so that nobody can call with what stands in it; a key itself is shown once.

Examples:
  sallyport keys add --file keys.json --name build --scope files:read --scope files:write
  sallyport keys add --file keys.json --expires 2027-01-31
  sallyport keys list --file keys.json
  sallyport keys revoke --file keys.json 0123456789abcdef01

${exitCodesHelp}`;

export function addKeys(parts: CommandParts): void {
  const keys = parts.program
    .command('keys')
    .description('Makes, lists and revokes API keys for a server.')
    .usage('add|list|revoke [options] --file FILE')
    .addHelpText('after', keysHelp);
  addAdd(keys, parts);
  addList(keys, parts);
  addRevoke(keys, parts);
}

function addAdd(keys: Command, { shell, reporter }: CommandParts): void {
  const command = subcommand(keys, 'add', 'Makes a key and prints it, for the only time.')
    .option('--name <name>', 'what people call it')
    .addOption(
      new Option('--scope <scope>', 'what its bearer may do; repeatable').argParser(addScope),
    )
    .addOption(
      new Option('--expires <when>', 'a number of days like 90d, a date, or never')
        .argParser(readExpiry)
        .default(Date.now() + 90 * dayMs, '90d'),
    );
  command.action(async () => {
    const { file, name, scope = [], expires, ...rest } = command.optsWithGlobals<KeyOptions>();
    const wanted = { scopes: scope, expiresAt: expires, ...(name === undefined ? {} : { name }) };
    const { key, stored } = await orFailure(() => addKey(file, wanted, Date.now()));
    const { id, scopes, expiresAt = 'never' } = stored;
    const may = scopes.length === 0 ? 'what needs no scope' : scopes.join(' ');
    reporter().note(`Key ${id} may do ${may}, until ${expiresAt}. It is not shown again.`);
    const results = resultsFor(shell, rest);
    if (rest.json === true) results.json({ key, id, scopes, expiresAt: stored.expiresAt ?? null });
    else results.print(key);
  });
}

function addList(keys: Command, { shell }: CommandParts): void {
  const command = subcommand(
    keys,
    'list',
    'Lists the keys of a file: whose, for what, until when.',
  );
  command.action(async () => {
    const { file, ...rest } = command.optsWithGlobals<KeyOptions>();
    const all = await orFailure(() => readKeyFile(file));
    const results = resultsFor(shell, rest);
    if (rest.json === true) {
      results.json({ keys: all.map(({ sha256, ...about }) => about) });
    } else {
      printAll(all, results);
    }
  });
}

function addRevoke(keys: Command, { reporter }: CommandParts): void {
  const command = subcommand(keys, 'revoke', 'Takes a key back: within a second it is refused.')
    .argument('<id>', 'the id of the key, as list shows it')
    .usage('[options] --file FILE ID');
  command.action(async (id: string) => {
    const { file } = command.optsWithGlobals<KeyOptions>();
    if (!(await orFailure(() => revokeKey(file, id)))) {
      throw usage(`${file} has no key ${oneLine(id)}.`, 'See sallyport keys list --file FILE');
    }
    reporter().note(`Key ${oneLine(id)} is revoked.`);
  });
}

function subcommand(keys: Command, name: string, summary: string): Command {
  return keys
    .command(name)
    .description(summary)
    .usage('[options] --file FILE')
    .requiredOption('--file <file>', 'the file with the keys')
    .configureHelp({ showGlobalOptions: true });
}

function printAll(all: readonly StoredKey[], { paint, print }: Results): void {
  if (all.length === 0) return print('There are no keys.');
  print(all.map((key) => described(key, paint, Date.now())).join('\n'));
}

function described(key: StoredKey, paint: Paint, now: number): string {
  const { id, name, scopes, expiresAt } = key;
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= now;
  const until = expiresAt === undefined ? 'never expires' : `until ${expiresAt.slice(0, 10)}`;
  const words = [
    paint.bold(id),
    ...(name === undefined ? [] : [oneLine(name)]),
    scopes.length === 0 ? paint.dim('no scopes') : scopes.join(' '),
    isOver ? paint.dim('expired') : paint.dim(until),
  ];
  return words.join('  ');
}

async function orFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof McpError)) throw thrown;
    throw new Failure('configuration', `${thrown.message}.`, '', thrown);
  }
}

function addScope(scope: string, before: readonly string[] = []): readonly string[] {
  if (isScope(scope)) return [...before, scope];
  throw new InvalidArgumentError(
    'A scope has no spaces and quotes; repeat the option for several.',
  );
}

/** In Unix ms. */
function readExpiry(text: string): number {
  if (text === 'never') return Infinity;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const at = days === undefined ? dateOf(text) : Date.now() + Number(days) * dayMs;
  if (at > Date.now()) return at;
  throw new InvalidArgumentError('Write 90d, a date to come like 2027-01-31, or never.');
}

function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
}
