import type { Served } from '../../exchange.js';
import { memoryEvents, memorySessions } from '../../stores/memory.js';
import type { EventStore, StoredEvent, StreamKey } from '../../stores/event-store.js';
import type { SessionStore, StoredSession } from '../../stores/session-store.js';
import { type Endpoint, type EndpointOptions, openEndpoint } from './endpoint.js';
import { type Listening, type ListenOptions, listenOnNode } from './node.js';

export {
  type Credentials,
  type Endpoint,
  type EndpointOptions,
  type RefusalDetails,
  type Verify,
} from './endpoint.js';
export { type ErrorReply } from './reply-headers.js';
export { fetchHandler } from './fetch.js';
export type { EventStore, SessionStore, StoredEvent, StoredSession, StreamKey };
export { type Listening, type ListenOptions, nodeHandler } from './node.js';

/** Where legacy sessions and the events of their streams are kept; in memory by default. */
export interface StoreOptions {
  readonly sessionStore?: SessionStore;
  readonly eventStore?: EventStore;
}

/** An MCP endpoint for a listener of your own, such as `nodeHandler` in another server. */
export function createEndpoint(
  served: Served,
  options: EndpointOptions & StoreOptions = {},
): Endpoint {
  return openEndpoint(served, options, (limits, { clock }) => ({
    sessionStore: options.sessionStore ?? memorySessions(),
    eventStore: options.eventStore ?? memoryEvents(limits, clock),
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
  return listenOnNode(createEndpoint(served, options), options);
}
