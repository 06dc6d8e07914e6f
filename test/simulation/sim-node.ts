import type { Cluster } from '../../src/stores/cluster-store.js';
import { createEndpoint, type Endpoint } from '../../src/transports/http/index.js';
import type { Process } from './scheduler.js';
import { createSimServer, type SimServer, type SimServerOptions } from './sim-server.js';
import { faulty, type FaultyOptions } from './stores.js';
import type { WorldStores } from './world-stores.js';

export interface SimNodeOptions extends SimServerOptions {
  readonly stores: WorldStores;
  /** The other nodes, where there may be some. */
  readonly cluster: Cluster | undefined;
  readonly faulty: Omit<FaultyOptions, 'name' | 'process'>;
}

/** A process that serves over HTTP. */
export interface SimNode {
  readonly process: Process;
  readonly served: SimServer;
  readonly endpoint: Endpoint;
  /** Lets go of all, as on a deploy. */
  close(): Promise<void>;
}

export function startNode(options: SimNodeOptions): SimNode {
  const { process, oracle, limits, stores, cluster } = options;
  const served = createSimServer(options);
  const wrap = <Store extends object>(name: string, store: Store): Store =>
    faulty(store, { ...options.faulty, name: `${process.name} ${name}`, process });
  const endpoint = createEndpoint(served.server, {
    store: {
      sessions: wrap('sessions', stores.sessions),
      events: wrap('events', stores.events),
      ...(cluster === undefined ? {} : { cluster, tasks: stores.tasks, keys: stores.keys }),
    },
    ...{ limits, platform: served.platform },
    onError: (error) => oracle.note(`${process.name}: ${error.message}`),
    onRefusal: (error) => oracle.note(`${process.name} refuses: ${error.message}`),
  });
  oracle.note(`${process.name} starts`);
  return {
    process,
    served,
    endpoint,
    async close() {
      oracle.note(`${process.name} closes`);
      await endpoint.close();
      served.server.close();
      oracle.note(`${process.name} is closed`);
    },
  };
}
