/** A line to a server that can be cut: what is on its way is held, and arrives when it is mended. */
import { createConnection, createServer, type Socket } from 'node:net';

/** What does not get through: what is asked, what is answered, or both. */
export const directions = ['requests', 'answers', 'both'] as const;
type Direction = (typeof directions)[number];

export interface Line {
  readonly port: number;
  cut(direction: Direction): void;
  mend(): void;
  close(): void;
}

export async function openLine(to: number): Promise<Line> {
  let isCut: Direction | undefined;
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const carry = (from: Socket, into: Socket, direction: Direction): void => {
    const pass = (step: () => void): void => {
      if (isCut === direction || isCut === 'both') held.push(step);
      else step();
    };
    sockets.add(from);
    // An end is held like everything else; what was sent before it still arrives.
    from.on('data', (bytes) => pass(() => into.writable && into.write(bytes)));
    from.on('end', () => pass(() => into.end()));
    from.on('error', () => pass(() => into.destroy()));
    from.on('close', () => sockets.delete(from));
  };
  const server = createServer({ allowHalfOpen: true }, (here) => {
    const there = createConnection({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    carry(here, there, 'requests');
    carry(there, here, 'answers');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut: (direction) => void (isCut = direction),
    mend() {
      isCut = undefined;
      for (const step of held.splice(0)) step();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
