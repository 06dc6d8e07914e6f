import { InvalidArgumentError, Option } from 'commander';
import { McpError } from '../../errors.js';
import type { Served } from '../../exchange.js';
import { type Listening, listen, type RefusalDetails } from '../../transports/http/index.js';
import { serveStdio } from '../../transports/stdio/index.js';
import { exitCodesHelp } from '../exits.js';
import { Failure, usage } from '../failure.js';
import { loadServer } from '../load-server.js';
import { type GlobalOptions, resultsFor } from '../output.js';
import type { Shell } from '../shell.js';
import { oneLine } from '../terminal/paint.js';
import type { Reporter } from '../terminal/reporter.js';
import { addEdgeOptions, type EdgeOptions, edgeOptionsFor, loosenings } from './edge-options.js';
import type { CommandParts } from './target-command.js';

interface ServeOptions extends GlobalOptions, EdgeOptions {
  readonly stdio?: boolean;
  readonly port: number;
  /** By default this machine only. */
  readonly host?: string;
  readonly path: string;
  readonly httpSse?: boolean;
}

const help = `
MODULE is a file, or an installed package, whose default export is a server:
  export default createServer({ name: 'greeter', version: '1.0.0' })

Examples:
  sallyport serve ./server.js
  sallyport serve ./server.ts --port 8080 --path /greeter
  sallyport serve ./server.js --stdio
  sallyport serve ./server.js --tls-cert server.crt --tls-key server.key
  sallyport serve ./server.js --public-url https://mcp.example/mcp --trusted-proxy 127.0.0.1
  sallyport serve ./server.js --public-url https://mcp.example/mcp --api-keys keys.json

Each option is also read from its variable in the environment; lists stand there with commas.
TypeScript needs tsx beside the module, or a Node that runs it by itself.

${exitCodesHelp}`;

export function addServe({ program, line, shell, reporter }: CommandParts): void {
  const command = program
    .command('serve')
    .description('Serves the server that a module exports, over HTTP or stdio.')
    .argument('<module>', 'a module whose default export is a server')
    .usage('[options] MODULE')
    .option('--stdio', 'serve over standard input and output instead of HTTP')
    .addOption(
      new Option('--port <port>', 'port to listen on; 0 takes any free one')
        .argParser(readPort)
        .default(3000)
        .env('MCP_PORT'),
    )
    .addOption(
      new Option('--host <host>', 'address (default: this machine only, 127.0.0.1 and ::1)').env(
        'MCP_HOST',
      ),
    )
    .addOption(new Option('--path <path>', 'path of the endpoint').default('/mcp').env('MCP_PATH'))
    .option('--http-sse', 'also serve /sse and /messages, for clients of 2024-11-05');
  addEdgeOptions(command)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', help)
    .action(async (module: string) => {
      if (line.child !== undefined) {
        throw usage('"serve" starts no command.', 'Name a module, and leave -- out.');
      }
      const options = command.optsWithGlobals<ServeOptions>();
      if (options.stdio === true) await overStdio(module);
      else await overHttp(module, options, shell, reporter());
    });
}

async function overStdio(module: string): Promise<void> {
  const server = await withStdoutDiverted(() => loadServer(module));
  await serveStdio(server).closed;
  // The transport ends the process once its last words are written.
  await new Promise(() => undefined);
}

/** What a module prints while it loads must not reach the client, which expects messages. */
async function withStdoutDiverted<T>(load: () => Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const original = stdout.write;
  stdout.write = stderr.write.bind(stderr);
  try {
    return await load();
  } finally {
    stdout.write = original;
  }
}

async function overHttp(
  module: string,
  options: ServeOptions,
  shell: Shell,
  reporter: Reporter,
): Promise<void> {
  if (!options.path.startsWith('/')) {
    throw usage(`The path "${options.path}" does not begin with a slash.`, 'Write it like /mcp');
  }
  const server = await loadServer(module);
  const listening = await open(server, options, reporter);
  const { name, version } = server.info;
  reporter.note(`Serving ${oneLine(name)} ${oneLine(version)} at ${listening.url}`);
  for (const loosening of loosenings(options)) reporter.note(oneLine(loosening));
  reporter.note(`Try: sallyport tools ${listening.url}   (Ctrl-C ends the server)`);
  if (options.json === true) {
    resultsFor(shell, options).json({ url: listening.url, port: listening.port });
  }
  await interrupted(shell.interrupts.signal);
  reporter.note('Ending when running calls are done (Ctrl-C again ends at once) ...');
  await listening.close();
}

async function open(server: Served, options: ServeOptions, reporter: Reporter): Promise<Listening> {
  const { port, host, path, httpSse = false } = options;
  const edge = edgeOptionsFor(options);
  const onRefusal = ({ message, cause }: McpError, { requestId }: RefusalDetails): void => {
    const why = typeof cause === 'string' ? `: ${oneLine(cause)}` : '';
    reporter.note(`Refused request ${requestId}: ${oneLine(message)}${why}`);
  };
  const onError = ({ message }: McpError): void => reporter.note(oneLine(message));
  const where = host === undefined ? {} : { host };
  try {
    return await listen(server, { ...edge, ...where, port, path, httpSse, onRefusal, onError });
  } catch (thrown) {
    throw notListening(thrown, host ?? '127.0.0.1', port);
  }
}

function notListening(thrown: unknown, host: string, port: number): unknown {
  if (thrown instanceof McpError && thrown.kind === 'forbidden') {
    return new Failure(
      'configuration',
      `Refusing to listen on ${host}: everybody who reaches it could call this server.`,
      'Listen on 127.0.0.1, or add --issuer or --api-keys, --public-url, and --tls-cert.',
      thrown,
    );
  }
  if (thrown instanceof McpError) {
    const next = 'Check --tls-cert and --tls-key.';
    return new Failure('configuration', `${thrown.message}.`, next, thrown);
  }
  if (thrown instanceof RangeError) {
    return usage(thrown.message.replace('trustedProxies:', '--trusted-proxy:'), '');
  }
  const { code, address = host } = thrown as NodeJS.ErrnoException & { readonly address?: string };
  const next = 'Choose another with --port and --host; --port 0 takes any free port.';
  if (code === 'EADDRINUSE') return usage(`Port ${port} of ${address} is in use.`, next);
  if (code === 'EACCES') return usage(`This user may not listen on port ${port}.`, next);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return usage(`This machine has no address ${host}.`, next);
  }
  return thrown;
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}
