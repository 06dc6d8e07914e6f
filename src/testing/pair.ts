import type { Client } from '../client/client.js';
import type { ConnectOptions } from '../connect.js';
import type { Served } from '../exchange.js';
import { type ManualClock, manualPlatform } from './clock.js';
import { type HostOptions, hostServer, type TransportName } from './hosts.js';
import type { Wire } from './wire.js';

export interface PairOptions extends Omit<ConnectOptions, 'platform' | 'fetch'> {
  /** Default `memory`. */
  readonly transport?: TransportName;
  /** Options of the server's side of the transport. */
  readonly host?: Omit<HostOptions, 'platform'>;
}

/** A client and the server that it talks to. */
export interface Pair extends AsyncDisposable {
  readonly client: Client;
  /** Everything that crossed between them. */
  readonly wire: Wire;
  /** The time of both, which stands still until it is moved. */
  readonly clock: ManualClock;
  close(): Promise<void>;
}

/** Connects a client to `server` over a transport of choice, with a clock that the test moves. */
export async function pair(server: Served, options: PairOptions = {}): Promise<Pair> {
  const { transport = 'memory', host: hostOptions, ...connectOptions } = options;
  const platform = manualPlatform();
  const host = await hostServer(transport, server, { ...hostOptions, platform });
  const client = await host.connect(connectOptions).catch(async (thrown: unknown) => {
    await host.close();
    throw thrown;
  });
  const close = async (): Promise<void> => {
    await client.close();
    await host.close();
  };
  return {
    client,
    wire: host.wire,
    clock: platform.clock,
    close,
    [Symbol.asyncDispose]: close,
  };
}
