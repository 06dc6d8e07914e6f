/**
 * Runs one program of this folder, over the transport and in the era of choice:
 *
 *   node --import tsx examples/features/tools.ts [memory|stdio|http] [auto|legacy]
 *
 * With `--serve` a program is nothing but its server, over stdio: so it starts itself as a child.
 */
import { fileURLToPath } from 'node:url';
import { type Client, connect, type ConnectOptions, type Server, type Target } from 'sallyport';
import { listen, type ListenOptions } from 'sallyport/http';
import { serveStdio } from 'sallyport/stdio';

export interface Cell {
  readonly over: 'memory' | 'stdio' | 'http';
  readonly era: 'auto' | 'legacy';
}

/** Connects one more client to the server of the example. */
export type Connect = (options?: ConnectOptions) => Promise<Client>;

export interface Example {
  /** `import.meta.url` of the program. */
  readonly url: string;
  readonly server: Server;
  /** Asserts, and returns what was shown, as a sentence. */
  readonly check: (connect: Connect, cell: Cell) => Promise<string>;
  /** For the server over HTTP. */
  readonly http?: ListenOptions;
}

let collected: Example[] | undefined;

/** From now on examples are kept instead of run; the array grows as they are imported. */
export function collect(): readonly Example[] {
  return (collected = []);
}

export async function run(example: Example): Promise<void> {
  if (process.argv.includes('--serve')) return void serveStdio(example.server);
  if (collected !== undefined) return void collected.push(example);
  const { argv } = process;
  const over = (['stdio', 'http'] as const).find((name) => argv.includes(name)) ?? 'memory';
  const era = argv.includes('legacy') ? 'legacy' : 'auto';
  console.log(`ok: ${await runIn({ over, era }, example)} (${over}, ${era})`);
}

export async function runIn(cell: Cell, example: Example): Promise<string> {
  const { target, close } = await start(cell, example);
  const clients: Client[] = [];
  const connectOne: Connect = async (options) => {
    const client = await connect(target, { era: cell.era, ...options });
    clients.push(client);
    return client;
  };
  try {
    return await example.check(connectOne, cell);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await close();
  }
}

async function start(
  { over }: Cell,
  { server, url, http }: Example,
): Promise<{ target: Target; close: () => Promise<void> }> {
  if (over === 'http') {
    const listening = await listen(server, http);
    return { target: listening.url, close: () => listening.close() };
  }
  const close = (): Promise<void> => Promise.resolve();
  if (over === 'memory') return { target: server, close };
  const file = fileURLToPath(url);
  // Compiled programs need no tsx, which starts three times as fast.
  const args = [...(file.endsWith('.ts') ? ['--import', 'tsx'] : []), file, '--serve'];
  return { target: { command: process.execPath, args, stderr: 'inherit' }, close };
}
