import process from 'node:process';
import { cancelled } from '../../engine/cancelling.js';
import { McpError } from '../../errors.js';
import type { Served } from '../../exchange.js';
import type { ServerStore } from '../../stores/server-store.js';
import {
  type Listening,
  listen,
  type ListenOptions,
  type RefusalDetails,
} from '../../transports/http/index.js';
import { type Exit, exitCodes } from '../exits.js';
import { Failure, usage } from '../failure.js';
import { loadServer } from '../load-server.js';
import { NodeFailed, startPool } from '../nodes/primary.js';
import { nodeWorker, type NodeWorker } from '../nodes/worker.js';
import { type GlobalOptions, resultsFor } from '../output.js';
import type { Shell } from '../shell.js';
import { oneLine } from '../terminal/paint.js';
import type { Reporter } from '../terminal/reporter.js';
import { type EdgeOptions, edgeOptionsFor, loosenings } from './edge-options.js';
import { openStore, readSecrets, readStore } from './store-option.js';

export interface ServeHttpOptions extends GlobalOptions, EdgeOptions {
  readonly port: number;
  /** By default this machine only. */
  readonly host?: string;
  readonly path: string;
  readonly httpSse?: boolean;
  readonly store: string;
  /** How many processes share the port. */
  readonly nodes: number;
  readonly sealedSessions?: boolean;
}

/** Serves what `module` exports over HTTP until it is interrupted, in one process or several. */
export async function overHttp(
  module: string,
  options: ServeHttpOptions,
  shell: Shell,
  reporter: Reporter,
): Promise<void> {
  if (!options.path.startsWith('/')) {
    throw usage(`The path "${options.path}" does not begin with a slash.`, 'Write it like /mcp');
  }
  const choice = readStore(options.store);
  const worker = nodeWorker();
  if (worker !== undefined) return asNode(worker, module, options, shell, reporter);
  if (options.nodes > 1) return onNodes(options, shell, reporter);
  const server = await loadServer(module);
  const store = await openStore(choice);
  const listening = await open(server, store, options, reporter);
  const { name, version } = server.info;
  const what = `${oneLine(name)} ${oneLine(version)}`;
  tellServing(what, listening, options, shell, reporter);
  await cancelled(shell.interrupts.signal);
  reporter.note(ending);
  await listening.close();
  await store.close();
}

/** One of several processes, of which the first one tells people where they are. */
async function asNode(
  worker: NodeWorker,
  module: string,
  options: ServeHttpOptions,
  shell: Shell,
  reporter: Reporter,
): Promise<void> {
  const server = await loadServer(module);
  const choice = readStore(options.store);
  const store = choice.kind === 'redis' ? await openStore(choice) : worker.openStore();
  const listening = await open(server, store, options, reporter);
  worker.listening(listening.url, listening.port);
  await Promise.race([cancelled(shell.interrupts.signal), worker.ended]);
  await listening.close();
  await store.close();
}

async function onNodes(options: ServeHttpOptions, shell: Shell, reporter: Reporter): Promise<void> {
  const { nodes } = options;
  const choice = readStore(options.store);
  // Nodes that share a Redis need nobody between them and it.
  const store = choice.kind === 'redis' ? undefined : await openStore(choice, true);
  const onLost = (code: number | null, inMs: number): void =>
    reporter.note(`A node has ended (${code ?? 'killed'}); the next starts in ${inMs} ms`);
  const pool = startPool({ nodes, store, onLost });
  const { signal } = shell.interrupts;
  try {
    // A node that hangs while it starts is waited for no longer than anybody wants.
    const where = await Promise.race([pool.listening, cancelled(signal)]);
    if (where !== undefined) tellServing(`${nodes} nodes`, where, options, shell, reporter);
    await cancelled(signal);
    reporter.note(ending);
  } catch (thrown) {
    // The node has said why.
    if (thrown instanceof NodeFailed) throw new Failure(exitOf(thrown.code), '', '', thrown);
    throw thrown;
  } finally {
    await pool.end();
    await store?.close();
  }
}

const ending = 'Ending when running calls are done (Ctrl-C again ends at once) ...';

function tellServing(
  what: string,
  { url, port }: Pick<Listening, 'url' | 'port'>,
  options: ServeHttpOptions,
  shell: Shell,
  reporter: Reporter,
): void {
  reporter.note(`Serving ${what} at ${url}`);
  for (const loosening of loosenings(options)) reporter.note(oneLine(loosening));
  reporter.note(`Try: sallyport tools ${url}   (Ctrl-C ends the server)`);
  if (options.json === true) resultsFor(shell, options).json({ url, port });
}

function exitOf(code: number): Exit {
  const known = Object.entries(exitCodes).find(([, number]) => number === code);
  return (known?.[0] as Exit | undefined) ?? 'configuration';
}

async function open(
  server: Served,
  store: ServerStore,
  options: ServeHttpOptions,
  reporter: Reporter,
): Promise<Listening> {
  const { port, host, path, httpSse = false } = options;
  const edge = edgeOptionsFor(options);
  const onRefusal = ({ message, cause }: McpError, { requestId }: RefusalDetails): void => {
    const why = typeof cause === 'string' ? `: ${oneLine(cause)}` : '';
    reporter.note(`Refused request ${requestId}: ${oneLine(message)}${why}`);
  };
  const onError = ({ message, cause }: McpError): void => {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    reporter.note(oneLine(`${message}${why}`));
  };
  const where = host === undefined ? {} : { host };
  const sessions = options.sealedSessions === true ? sealed() : {};
  try {
    const about = { ...sessions, store, port, path, httpSse, onRefusal, onError };
    return await listen(server, { ...edge, ...where, ...about });
  } catch (thrown) {
    throw notListening(thrown, host ?? '127.0.0.1', port);
  }
}

function sealed(): Pick<ListenOptions, 'sessions' | 'sessionSecrets'> {
  // Only there: whoever reads a command line of this machine would have it.
  const sessionSecrets = readSecrets(process.env['MCP_SESSION_SECRETS']);
  return { sessions: 'sealed', ...(sessionSecrets === undefined ? {} : { sessionSecrets }) };
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
