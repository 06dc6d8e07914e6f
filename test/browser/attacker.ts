/** Pages of somebody who means harm, served from an address that can be given up. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Attacker {
  readonly port: number;
  /** Closes everything, so that the next connection finds whoever listens there by then. */
  leave(): Promise<void>;
}

const page = '<!doctype html><title>A page</title><button>Win a prize</button>';

/** Serves its page on all `addresses`, at one port that is free on each of them. */
export async function openAttacker(
  addresses: readonly string[],
  port: number = 0,
): Promise<Attacker> {
  const opened: (() => Promise<void>)[] = [];
  const leave = async (): Promise<void> => {
    await Promise.all(opened.map((close) => close()));
  };
  let common = port;
  for (const address of addresses) {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    });
    opened.push(async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    });
    try {
      server.listen(common, address);
      await once(server, 'listening');
    } catch {
      // Somebody else has this port at one of the addresses.
      await leave();
      return openAttacker(addresses);
    }
    common = (server.address() as AddressInfo).port;
  }
  return { port: common, leave };
}
