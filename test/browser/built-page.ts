/** The page of examples/browser, with the client as it is published, bundled as for a website. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface BuiltPage {
  readonly port: number;
  close(): Promise<void>;
}

const types: { readonly [ending: string]: string } = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
};

export async function serveBuiltPage(): Promise<BuiltPage> {
  const files = await bundled();
  const server = createServer((request, response) => {
    const name = request.url?.split('?', 1)[0]?.slice(1);
    const content = files.get(name === '' ? 'index.html' : (name ?? ''));
    if (content === undefined) return void response.writeHead(404).end();
    const type = types[name?.split('.').at(-1) ?? ''] ?? 'text/html';
    response.writeHead(200, { 'Content-Type': type }).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Content by name. */
async function bundled(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const result = await build({
    root: fileURLToPath(new URL('../../examples/browser/', import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    build: { write: false, target: 'es2023', modulePreload: false },
  });
  if (!('output' in result)) throw new Error('The build was to be made once, and in one piece');
  return new Map(
    result.output.map((one) => [one.fileName, one.type === 'chunk' ? one.code : one.source]),
  );
}
