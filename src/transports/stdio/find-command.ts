import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { McpError } from '../../errors.js';

export interface FindCommandOptions {
  readonly command: string;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** The environment that the command will have: its PATH is searched. */
  readonly env: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
}

export interface FoundCommand {
  /** The absolute path to start. Links stay: programs find their files by the name they have. */
  readonly file: string;
  /** Where the links lead: the bytes that will run. */
  readonly realFile: string;
}

/** Where a command is, looked up once and without a shell. Rejects with connectionFailed. */
export async function findCommand(options: FindCommandOptions): Promise<FoundCommand> {
  const { command, platform } = options;
  let unusable: string | undefined;
  for (const file of candidates(options)) {
    const found = await probe(file, platform);
    if (found === 'executable') return { file, realFile: await realpath(file) };
    if (found === 'unusable') unusable ??= file;
  }
  const said = JSON.stringify(command);
  if (unusable === undefined) throw failed(`The command ${said} was not found. ${advice(options)}`);
  throw failed(
    `The command ${said} cannot be run: ${unusable} is not an executable file. ` +
      'Make it executable, or start it with its interpreter as the command.',
  );
}

function candidates({ command, cwd, env, platform }: FindCommandOptions): string[] {
  const path = platform === 'win32' ? win32 : posix;
  const isPath = command.includes('/') || (platform === 'win32' && command.includes('\\'));
  const folders = isPath ? [cwd] : (pathOf(env) ?? '').split(path.delimiter);
  // An empty entry of PATH means the working directory, where anybody may have put anything.
  const files = folders.filter((f) => f !== '').map((f) => path.resolve(cwd, f, command));
  if (platform !== 'win32') return files;
  return files.flatMap((file) => (path.extname(file) === '' ? withExtensions(file) : [file]));
}

const withExtensions = (file: string): string[] =>
  ['.exe', '.com', '.cmd', '.bat'].map((extension) => file + extension);

function pathOf(env: Readonly<Record<string, string>>): string | undefined {
  return env['PATH'] ?? env['Path'];
}

type Probe = 'executable' | 'unusable' | 'absent';

async function probe(file: string, platform: NodeJS.Platform): Promise<Probe> {
  try {
    if (!(await stat(file)).isFile()) return 'absent';
  } catch {
    return 'absent';
  }
  // Batch files among them are sorted out by `withoutShim`.
  if (platform === 'win32') return 'executable';
  try {
    await access(file, constants.X_OK);
    return 'executable';
  } catch {
    return 'unusable';
  }
}

function advice({ command, env }: FindCommandOptions): string {
  if (command.includes('/')) return 'Check its path.';
  const path = pathOf(env);
  return path === undefined || path === ''
    ? 'PATH is empty: give the absolute path of the command.'
    : `Install it, or give its absolute path. PATH is ${path}`;
}

function failed(message: string): McpError {
  return new McpError('connectionFailed', message);
}
