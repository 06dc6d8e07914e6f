import type { Server, Socket } from 'node:net';
import { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import { addressKey } from './address-key.js';
import type { Proxies } from './proxies.js';

/** The open connections of one endpoint, on however many addresses it listens. */
export interface Connections {
  /** Has `server` close at once what is beyond the bounds. Call it before it listens. */
  guard(server: Server): void;
  /** Ends all that are left, those in the middle of a handshake too. */
  cutAll(): void;
  readonly size: number;
  /** How many addresses have connections that are counted. */
  readonly addresses: number;
}

/**
 * Counts connections in all, and by address those of strangers: neither this machine nor a proxy
 * that is trusted is one caller.
 */
export function createConnections(
  limits: Pick<Limits, 'connectionsMax' | 'connectionsPerAddressMax'>,
  proxies: Proxies,
): Connections {
  /** Each with what it is counted under, if it is. */
  const open = new Map<Socket, string | undefined>();
  const counts = new Map<string, number>();

  // One for all: what were made for each would be kept for as long as it is open.
  function forget(this: Socket): void {
    const key = open.get(this);
    if (!open.delete(this) || key === undefined) return;
    const left = (counts.get(key) ?? 1) - 1;
    if (left === 0) counts.delete(key);
    else counts.set(key, left);
  }

  const admit = (socket: Socket): boolean => {
    const { remoteAddress } = socket;
    const key = proxies.isTrusted(remoteAddress) ? undefined : addressKey(remoteAddress);
    const count = key === undefined ? 0 : (counts.get(key) ?? 0);
    if (open.size >= limits.connectionsMax || count >= limits.connectionsPerAddressMax) {
      return false;
    }
    open.set(socket, key);
    if (key !== undefined) counts.set(key, count + 1);
    socket.on('close', forget);
    return true;
  };

  return {
    guard(server) {
      // In front of Node's own listeners, which would begin to read.
      const listeners = server.listeners('connection');
      server.removeAllListeners('connection');
      server.on('connection', (socket) => {
        if (!admit(socket)) return socket.destroy();
        for (const listener of listeners) listener.call(server, socket);
      });
    },
    cutAll() {
      for (const socket of open.keys()) socket.destroy();
    },
    get size() {
      return open.size;
    },
    get addresses() {
      return counts.size;
    },
  };
}

/** Descriptors for what is no connection: files, pipes, the sockets of what tools do. */
const filesForOthers = 256;

/**
 * Reads `/proc/self/limits`: what to tell the owner when this process may not have as many files
 * open as the bounds promise connections.
 */
export function tooFewFiles(procLimits: string, connectionsMax: number): McpError | undefined {
  const soft = /^Max open files\s+([0-9]+)\s/m.exec(procLimits)?.[1];
  const wanted = connectionsMax + filesForOthers;
  if (soft === undefined || Number(soft) >= wanted) return undefined;
  const raise = Number.isFinite(wanted) ? `raise that (ulimit -n ${wanted}) or ` : '';
  return new McpError(
    'internal',
    `This process may have ${soft} files open, too few for ${connectionsMax} connections: ` +
      `${raise}lower the limit connectionsMax`,
  );
}
