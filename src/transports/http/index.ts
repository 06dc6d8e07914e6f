import type { Served } from '../../exchange.js';
import { memoryRates } from '../../stores/memory-rates.js';
import { memoryEvents, memorySessions } from '../../stores/memory.js';
import type { EventStore, StoredEvent, StreamKey } from '../../stores/event-store.js';
import type { Rate, RateStore } from '../../stores/rate-store.js';
import type { SessionStore, StoredSession } from '../../stores/session-store.js';
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
export type { EventStore, Rate, RateStore, SessionStore, StoredEvent, StoredSession, StreamKey };
export { type Listening, type ListenOptions } from './node-listen.js';
export { type TlsFiles } from './node-tls.js';
export { type NodeHandler, nodeHandler } from './node.js';

/** Where an endpoint keeps what it has to remember; in memory by default. */
export interface StoreOptions {
  /** Legacy sessions. */
  readonly sessionStore?: SessionStore;
  /** The events of their streams. */
  readonly eventStore?: EventStore;
  /** How often callers have come. */
  readonly rateStore?: RateStore;
}

/** An MCP endpoint for a listener of your own, such as `nodeHandler` in another server. */
export function createEndpoint(
  served: Served,
  options: EndpointOptions & StoreOptions = {},
): Endpoint {
  // Else whoever asks would choose, by Host, what tokens must have been made for.
  if (options.auth !== undefined && options.publicUrl === undefined) throw namelessWithAuth();
  return openInMemory(served, options);
}

function openInMemory(served: Served, options: EndpointOptions & StoreOptions): Endpoint {
  return openEndpoint(served, options, (limits, { clock }) => ({
    sessionStore: options.sessionStore ?? memorySessions(),
    eventStore: options.eventStore ?? memoryEvents(limits, clock),
    rateStore: options.rateStore ?? memoryRates(limits.rateKeysMax, clock),
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
  return listenOnNode(openInMemory(served, options), options);
}

function namelessWithAuth(): RangeError {
  return new RangeError(
    'auth: tokens name the server that they are for; ' +
      'give the publicUrl by which clients know this one, like https://mcp.example/mcp',
  );
}
