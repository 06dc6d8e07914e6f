/** Several servers that share what they keep, as nodes of one service. */
import { createServer, type Server, type ServerOptions, tasks } from '../../../src/server/index.js';
import { memoryKeys } from '../../../src/stores/memory-kept.js';
import { memoryTasks } from '../../../src/stores/memory-tasks.js';
import type { Cluster } from '../../../src/stores/cluster-store.js';
import type { KeptByServer } from '../../../src/stores/server-store.js';
import {
  type ManualPlatform,
  manualPlatform,
  memoryNodes,
  type MemoryNodes,
} from '../../../src/testing/index.js';
import { turn } from './task-calls.js';

export interface Nodes extends Pick<MemoryNodes, 'part' | 'mend' | 'die' | 'lose'> {
  readonly platform: ManualPlatform;
  /** What handlers threw, and what else nobody was told of. */
  readonly reported: unknown[];
  /** A server that is the node of this name, or one more of it. */
  start(name: string, define?: (server: Server) => void, options?: Partial<ServerOptions>): Server;
  /** What the node of this name says and hears. */
  cluster(name: string): Cluster;
  /** What all share; each call takes a turn of the event loop, as over a network. */
  readonly kept: Omit<KeptByServer, 'cluster'>;
  /** While it is true every call of the stores fails. */
  isAway: boolean;
  /** How many listen to what other nodes say. */
  hearing: number;
  /** What was told between the nodes, newest last. */
  readonly told: { readonly node: string; readonly body: unknown }[];
}

export function createNodes(): Nodes {
  const platform = manualPlatform();
  const joined = memoryNodes();
  const clusters = new Map<string, Cluster>();
  const reported: unknown[] = [];
  const told: Nodes['told'] = [];
  const far = <Store extends object>(store: Store): Store =>
    Object.fromEntries(
      Object.entries(store).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          await turn();
          if (nodes.isAway) throw new Error('The store is away');
          return (method as (...args: unknown[]) => unknown)(...args);
        },
      ]),
    ) as Store;
  const kept = { tasks: far(memoryTasks()), keys: far(memoryKeys()) };
  const noting = (cluster: Cluster): Cluster => ({
    ...cluster,
    tell(topic, body) {
      told.push({ node: cluster.self, body });
      cluster.tell(topic, body);
    },
    hear(topic, heard) {
      const stop = cluster.hear(topic, heard);
      nodes.hearing++;
      return () => {
        nodes.hearing--;
        stop();
      };
    },
  });
  const nodes: Nodes = {
    ...joined,
    platform,
    reported,
    told,
    kept,
    isAway: false,
    hearing: 0,
    cluster(name) {
      const known = clusters.get(name) ?? noting(joined.join(name));
      clusters.set(name, known);
      return known;
    },
    start(name, define, options) {
      const server = createServer({
        name: 'nodes',
        version: '1.0.0',
        platform,
        extensions: [tasks()],
        onError: (thrown) => void reported.push(thrown),
        ...options,
      });
      server.keepIn?.({ ...kept, cluster: nodes.cluster(name) });
      define?.(server);
      return server;
    },
  };
  return nodes;
}
