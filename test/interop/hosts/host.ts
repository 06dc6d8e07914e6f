import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDoors, type Doors } from '../demo.js';

/** A demo server on a real socket. */
export interface Host {
  readonly url: string;
  /** Resolves when `count` standing streams were opened; what is said before may be lost. */
  stands(count: number): Promise<void>;
  /** Adds a tool of this name for all who are connected. */
  grow(name: string): void;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly doors?: Doors;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens for one of the official SDKs, which bring no listener of their own. */
export async function hostHttp(serve: Serve, path = '/mcp'): Promise<Omit<Host, 'grow'>> {
  const doors = createDoors();
  let stood = 0;
  const server = createServer((request, response) => {
    if (request.method === 'GET') onHead(response, () => doors.open(String(++stood)));
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    stands: (count) => doors.opened(String(count)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Calls back once the head is written, which is when the SDK knows the stream. */
function onHead(response: ServerResponse, written: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    const returned = writeHead(...args);
    if (response.statusCode === 200) written();
    return returned;
  };
}
