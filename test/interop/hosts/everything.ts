import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Host } from './host.js';

/** How `@modelcontextprotocol/server-everything` is started over standard input and output. */
export const everythingProgram = {
  command: process.execPath,
  args: [
    createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js'),
    'stdio',
  ],
};

/** The same over Streamable HTTP. */
export async function hostEverything(): Promise<Host> {
  const port = await freePort();
  const [script] = everythingProgram.args;
  const child = spawn(process.execPath, [script!, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let stand = (): void => undefined;
  const stood = new Promise<void>((resolve) => (stand = resolve));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('Establishing new SSE stream')) stand();
  });
  await said(child, child.stderr, 'listening on port');
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    // It says so for the only client there is.
    stands: () => stood,
    grow: () => undefined,
    async close() {
      child.kill();
      await ended;
    },
  };
}

/** The server does not say which port it got, so that it must be told one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function said(child: ChildProcess, stream: Readable, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.includes(words)) resolve();
    });
    child.once('close', () => reject(new Error(`Ended before it said: ${words}`)));
  });
}
