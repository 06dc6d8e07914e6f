import { InvalidArgumentError, Option } from 'commander';
import { serveStdio } from '../../transports/stdio/index.js';
import { exitCodesHelp } from '../exits.js';
import { usage } from '../failure.js';
import { loadServer } from '../load-server.js';
import { addEdgeOptions } from './edge-options.js';
import { overHttp, type ServeHttpOptions } from './serve-http.js';
import { storeHelp } from './store-option.js';
import type { CommandParts } from './target-command.js';

interface ServeOptions extends ServeHttpOptions {
  readonly stdio?: boolean;
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
  sallyport serve ./server.js --store sqlite:server.db
  sallyport serve ./server.js --nodes 4
  MCP_STORE=redis://:password@redis.example sallyport serve ./server.js

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
    .addOption(
      new Option('--store <store>', `where sessions and tasks are kept: ${storeHelp}`)
        .default('memory')
        .env('MCP_STORE'),
    )
    .addOption(
      new Option('--nodes <count>', 'processes that share the port, for all cores')
        .argParser(readNodes)
        .default(1)
        .env('MCP_NODES'),
    )
    .option(
      '--sealed-sessions',
      'keep nothing of sessions: what is known of one travels, encrypted, as its id',
    )
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

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

function readNodes(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= nodesMax) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${nodesMax}.`);
}

/** More processes than that on one machine help nobody. */
const nodesMax = 256;
