import type { Served } from '../../exchange.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
  StreamState,
} from '../../stores/event-store.js';
import type { KeyStore, SealingKey } from '../../stores/key-store.js';
import { memoryStore } from '../../stores/memory.js';
import type { Rate, RateStore } from '../../stores/rate-store.js';
import type { ServerStore } from '../../stores/server-store.js';
import type { SessionRoom, SessionStore, StoredSession } from '../../stores/session-store.js';
import { type Endpoint, openEndpoint } from './endpoint.js';
import type { EndpointOptions } from './endpoint-options.js';
import { type Listening, type ListenOptions, listenOnNode } from './node-listen.js';

export type { Auth, TokenContext, Verified, Verify } from '../../authorization.js';
export { type Endpoint } from './endpoint.js';
export { type EndpointOptions, type RefusalDetails } from './endpoint-options.js';
export { type ErrorReply } from './reply-headers.js';
export { expressHandler } from './adapters/express.js';
export {
  fastifyPlugin,
  type FastifyPlugin,
  type FastifyRaw,
  type FastifyScope,
} from './adapters/fastify.js';
export { honoHandler, type HonoContext, type HonoHandlerOptions } from './adapters/hono.js';
export { fetchHandler, type FetchHandlerOptions } from './fetch.js';
export { type LoadProbe } from '../../engine/load.js';
export type { Cluster, EventStore, KeyStore, Rate, RateStore, SealingKey, ServerStore };
export type { SessionRoom, SessionStore, StoredEvent, StoredSession };
export type { StreamKey, StreamPurpose, StreamState };
export { type Listening, type ListenOptions } from './node-listen.js';
export type { TlsFiles } from './node-tls.js';
export { type NodeHandler, nodeHandler } from './node.js';

/** Where a server keeps what it has to remember beyond one request. */
export interface StoreOptions {
  /**
   * In memory by default, each part by itself: `await sqliteStore(file)` of
   * `sallyport/stores/sqlite` outlives the process, `await redisStore(url)` of
   * `sallyport/stores/redis` serves many nodes. Whoever made it closes it, after the server.
   */
  readonly store?: Partial<ServerStore>;
}

/** An MCP endpoint for a listener of your own, such as `nodeHandler` in another server. */
export function createEndpoint(
  served: Served,
  options: EndpointOptions & StoreOptions = {},
): Endpoint {
  // Else whoever asks would choose, by Host, what tokens must have been made for.
  if (options.auth !== undefined && options.publicUrl === undefined) throw namelessWithAuth();
  return openWithStore(served, options);
}

function openWithStore(served: Served, options: EndpointOptions & StoreOptions): Endpoint {
  const { tasks, keys, cluster } = options.store ?? {};
  // What a server keeps belongs together; what is not given stays in the server's own memory.
  if (tasks !== undefined && keys !== undefined && cluster !== undefined) {
    served.keepIn?.({ tasks, keys, cluster });
  }
  return openEndpoint(served, options, (limits, platform) => ({
    ...memoryStore(limits, platform),
    ...options.store,
  }));
}

/**
 * Serves over Streamable HTTP, both eras on one endpoint, with every guard on. Rejects when the
 * address is taken, or public without authentication.
 */
export async function listen(
  served: Served,
  options: ListenOptions & StoreOptions = {},
): Promise<Listening> {
  return listenOnNode(openWithStore(served, options), options);
}

function namelessWithAuth(): RangeError {
  return new RangeError(
    'auth: tokens name the server that they are for; ' +
      'give the publicUrl by which clients know this one, like https://mcp.example/mcp',
  );
}
