import { Command, CommanderError } from 'commander';
import { splitCommandLine } from './command-line.js';
import { addCall } from './commands/call.js';
import { addDoctor } from './commands/doctor.js';
import { addKeys } from './commands/keys.js';
import { addLogin, addLogout, addWhoami } from './commands/login.js';
import { addPing } from './commands/ping.js';
import { addPrompt } from './commands/prompt.js';
import { addPrompts } from './commands/prompts.js';
import { addRead } from './commands/read.js';
import { addResources } from './commands/resources.js';
import { addServe } from './commands/serve.js';
import { addServers } from './commands/servers.js';
import { addTools } from './commands/tools.js';
import { exitCodes, exitCodesHelp } from './exits.js';
import { type Failure, failureOf, usage } from './failure.js';
import { reporterFor } from './output.js';
import type { Shell } from './shell.js';
import type { Reporter } from './terminal/reporter.js';
import { version } from './version.js';

/** One run of the command line. Resolves with the exit code; never rejects. */
export async function runProgram(words: readonly string[], shell: Shell): Promise<number> {
  const line = splitCommandLine(words);
  const program = createProgram(shell);
  let reporter: Reporter | undefined;
  // Made when first needed: by then the options for output have been read.
  const reporterNow = (): Reporter => (reporter ??= reporterFor(shell, program.opts()));
  for (const add of commands) add({ program, line, shell, reporter: reporterNow });
  try {
    if (line.own.length === 0) {
      shell.stderr.write(program.helpInformation());
      return exitCodes.usage;
    }
    await program.parseAsync(line.own, { from: 'user' });
    // A server that was told to end has done what it should, unless it was by Ctrl-C.
    const { reason } = shell.interrupts.signal as { readonly reason?: unknown };
    return reason === 'interrupted' ? exitCodes.interrupted : exitCodes.ok;
  } catch (thrown) {
    // Help and version end a program like errors do.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.ok;
    const failure = thrown instanceof CommanderError ? wrongUsage(thrown) : failureOf(thrown);
    // A node that was started by this process has said it already.
    if (failure.message !== '') reporterNow().failed(failure);
    const wasTerminated = shell.interrupts.signal.reason === 'terminated';
    if (failure.exit === 'interrupted' && wasTerminated) return exitCodes.terminated;
    return exitCodes[failure.exit];
  }
}

function createProgram(shell: Shell): Command {
  return new Command('sallyport')
    .description('Serves, calls and inspects MCP servers, over HTTP and stdio.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'explain a command')
    .option('--json', 'print results as JSON, events and errors as JSON lines on stderr')
    .option('--plain', 'no progress bar and no colour')
    .option('--no-color', 'no colour')
    .option('-q, --quiet', 'nothing but the result and errors')
    .configureHelp({ subcommandTerm })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text),
      // Said once more, in one form with all other failures, by runProgram.
      outputError: () => undefined,
    })
    .addHelpText('after', mainHelp);
}

/** The first usage line of a command, without what all of them have. */
function subcommandTerm(command: Command): string {
  const [first = ''] = command.usage().split('\n');
  return `${command.name()} ${first.replace('[options] ', '')}`.trim();
}

const commands = [
  addServe,
  addCall,
  addTools,
  addResources,
  addPrompts,
  addRead,
  addPrompt,
  addPing,
  addLogin,
  addLogout,
  addWhoami,
  addServers,
  addDoctor,
  addKeys,
] as const;

const mainHelp = `
TARGET is a URL. To start a server as a child process instead, leave TARGET out and put its
command line at the end, after --. With --config FILE it is the name of a server in that file.

Examples:
  sallyport serve ./server.js --port 3000
  sallyport tools http://127.0.0.1:3000/mcp
  sallyport call http://127.0.0.1:3000/mcp greet name=Ada formal=true
  sallyport call greet name=Ada -- node ./server.js
  sallyport read file:///notes.txt -- npx -y some-mcp-server
  sallyport call http://127.0.0.1:3000/mcp greet @arguments.json --json | jq .structuredContent

${exitCodesHelp}`;

function wrongUsage({ code, message }: CommanderError): Failure {
  const [first = '', hint] = message.replace(/^error: /, '').split('\n');
  const said = `${first.charAt(0).toUpperCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`;
  const meant = hint?.replace(/^\(|\)$/g, '');
  const where =
    code === 'commander.unknownCommand' ? 'sallyport --help' : 'sallyport COMMAND --help';
  return usage(said, meant ?? `See ${where}`);
}
