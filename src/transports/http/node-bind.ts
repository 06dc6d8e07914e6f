import type { AddressInfo, Server } from 'node:net';

/** How often a port is looked for that is free on both addresses. */
const attemptsMax = 20;

/**
 * How many connections may wait to be accepted. The system drops those that come beyond it, and a
 * caller among them tries again only after a second; the default of Node, 511, is soon reached.
 */
const backlog = 4096;

const withoutIpv6: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Has servers listen: one on `host`, or without it one on each loopback address of this machine, at
 * the same port. Rejects with the error of the system when that is taken on either.
 */
export async function bind<S extends Server>(
  create: () => S,
  port: number,
  host: string | undefined,
): Promise<readonly S[]> {
  for (let attempt = 1; ; attempt++) {
    const first = create();
    await listenAt(first, port, host ?? '127.0.0.1');
    if (host !== undefined) return [first];
    const second = create();
    try {
      await listenAt(second, portOf(first), '::1');
      return [first, second];
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (withoutIpv6.has(code)) return [first];
      await new Promise((resolve) => first.close(resolve));
      if (port !== 0 || code !== 'EADDRINUSE' || attempt === attemptsMax) throw thrown;
    }
  }
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listenAt(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
