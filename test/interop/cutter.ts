import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A stretch of network between a client and a server, which can fail. */
export interface Cutter {
  /** The server's address as seen from before this stretch. */
  readonly url: string;
  /** Cuts every connection, at once and without a word. */
  cut(): void;
  /** Cuts, and lets nothing through until `restore`; those who connect wait. */
  interrupt(): void;
  restore(): void;
  /** Everything that clients have sent, of all connections. */
  readonly sent: string;
  close(): Promise<void>;
}

export async function cutterBefore(target: string): Promise<Cutter> {
  const { hostname, port, pathname } = new URL(target);
  const open = new Set<Socket>();
  const waiting = new Set<Socket>();
  let interrupted = false;
  let sent = '';

  const join = (client: Socket): void => {
    const server = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.once('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    client.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')));
  };
  const proxy = createServer((client) => {
    if (!interrupted) return join(client);
    client.on('error', () => undefined);
    waiting.add(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of [...open]) socket.destroy();
  };

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`,
    cut,
    interrupt() {
      interrupted = true;
      cut();
    },
    restore() {
      interrupted = false;
      for (const client of waiting) join(client);
      waiting.clear();
    },
    get sent() {
      return sent;
    },
    async close() {
      const closed = new Promise((resolve) => proxy.close(resolve));
      cut();
      for (const client of waiting) client.destroy();
      await closed;
    },
  };
}
