/** A stretch of network between clients and servers that fails as often as it is told to. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How one end of a connection learns that it is over. */
export type Farewell = 'fin' | 'rst';

/** What becomes of one connection. */
export interface Fate {
  /** It fails with this byte of those that flow in this direction: so many have passed. */
  readonly towards: 'client' | 'server';
  readonly afterBytes: number;
  /**
   * `cut`: at once. `stall`: first nothing is taken from the sender for `ms`. `blackhole`: first
   * all that either side sends is lost for `ms`. `delay`: nothing fails, but from there on each
   * piece is `ms` late.
   */
  readonly how: 'cut' | 'stall' | 'blackhole' | 'delay';
  readonly ms: number;
  readonly client: Farewell;
  readonly server: Farewell;
}

export interface ProxyCounts {
  connections: number;
  /** Connections that were cut, at once or after they had stood still. */
  cuts: number;
  /** Of those: by what their clients were told, and in which direction the last byte went. */
  fin: number;
  rst: number;
  towardsClient: number;
  towardsServer: number;
  stalled: number;
  blackholed: number;
  delayed: number;
}

export interface ChaosProxy {
  readonly port: number;
  readonly url: string;
  readonly counts: Readonly<ProxyCounts>;
  /** New connections go to these from now on, as when a balancer is told of a deploy. */
  route(ports: readonly number[]): void;
  /** From now on every new connection has the fate that `fateOf` gives its number. */
  rage(fateOf: (connection: number) => Fate): void;
  /** Nothing more fails, but for what stands still already. */
  calm(): void;
  close(): Promise<void>;
}

/** Nothing waits here for longer: a plan that says otherwise is a slip. */
const standStillMsMax = 10_000;
const connectionsMax = 8192;

/** Connects each client to the next of `ports` in turn. */
export async function startProxy(ports: readonly number[]): Promise<ChaosProxy> {
  let targets = ports;
  const counts: ProxyCounts = {
    ...{ connections: 0, cuts: 0, fin: 0, rst: 0, towardsClient: 0, towardsServer: 0 },
    ...{ stalled: 0, blackholed: 0, delayed: 0 },
  };
  const open = new Set<Socket>();
  let fateOf: ((connection: number) => Fate) | undefined;

  const countCut = ({ client, towards, how }: Fate): void => {
    counts.cuts++;
    counts[client]++;
    counts[towards === 'client' ? 'towardsClient' : 'towardsServer']++;
    if (how === 'stall') counts.stalled++;
    if (how === 'blackhole') counts.blackholed++;
  };
  const proxy = createServer({ noDelay: true }, (client) => {
    const number = counts.connections++;
    const port = targets[number % targets.length]!;
    if (open.size >= 2 * connectionsMax) return void client.destroy();
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => undefined).once('close', () => open.delete(socket));
    }
    join(client, server, {
      fate: () => fateOf?.(number),
      onCut: countCut,
      onDelay: () => counts.delayed++,
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;

  return {
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    counts,
    route: (given) => void (targets = given),
    rage: (plan) => (fateOf = plan),
    calm: () => (fateOf = undefined),
    async close() {
      const closed = new Promise((resolve) => proxy.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

interface Watch {
  /** Undefined while nothing shall fail. */
  readonly fate: () => Fate | undefined;
  readonly onCut: (fate: Fate) => void;
  readonly onDelay: () => void;
}

function join(client: Socket, server: Socket, watch: Watch): void {
  let state: 'passes' | 'late' | 'lost' | 'over' = 'passes';
  /** From the first byte after the rage began, also of connections that were there before. */
  let fate: Fate | undefined;
  let left = 0;

  const end = (by: Fate): void => {
    if (state === 'over') return;
    state = 'over';
    watch.onCut(by);
    say(by.client, client);
    say(by.server, server);
  };
  /** The last byte has passed. */
  const fail = (by: Fate, from: Socket): void => {
    if (by.how === 'cut' || state === 'late') return end(by);
    if (by.how === 'delay') {
      state = 'late';
      left = by.afterBytes;
      return watch.onDelay();
    }
    if (by.how === 'stall') from.pause();
    state = 'lost';
    setTimeout(() => end(by), Math.min(by.ms, standStillMsMax)).unref();
  };
  const write = (piece: Buffer, from: Socket, to: Socket): void => {
    if (state === 'over' || to.write(piece)) return;
    from.pause();
    to.once('drain', () => from.resume());
  };
  const take = (piece: Buffer, from: Socket, to: Socket): void => {
    if (state === 'over' || state === 'lost') return;
    const now = watch.fate();
    if (now === undefined) return write(piece, from, to);
    if (fate === undefined) left = (fate = now).afterBytes;
    const isCounted = to === (fate.towards === 'client' ? client : server);
    if (!isCounted || piece.length < left) {
      if (isCounted) left -= piece.length;
      if (state === 'late') later(from, () => write(piece, from, to), fate.ms);
      else write(piece, from, to);
      return;
    }
    if (left > 0) to.write(piece.subarray(0, left));
    const rest = piece.subarray(left);
    const wasLate = state === 'late';
    fail(fate, from);
    if (state === 'late' && !wasLate) write(rest, from, to);
  };
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('data', (piece: Buffer) => take(piece, from, to));
    from.once('end', () => void (isOpen() && to.end()));
    from.once('close', () => void (isOpen() && to.destroy()));
  }
  function isOpen(): boolean {
    return state === 'passes' || state === 'late';
  }
}

function say(farewell: Farewell, socket: Socket): void {
  if (farewell === 'rst') socket.resetAndDestroy();
  else socket.resume().end(() => socket.destroySoon());
}

function later(from: Socket, write: () => void, ms: number): void {
  from.pause();
  setTimeout(() => {
    write();
    from.resume();
  }, ms).unref();
}
