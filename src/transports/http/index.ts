import type { Served } from '../../exchange.js';
import { memoryEvents, memorySessions } from '../../stores/memory.js';
import { type Endpoint, type EndpointOptions, openEndpoint, type OpenStores } from './endpoint.js';
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
export { type Listening, type ListenOptions, nodeHandler } from './node.js';

const inMemory: OpenStores = (limits, { clock }) => ({
  sessionStore: memorySessions(),
  eventStore: memoryEvents(limits, clock),
});

/** An MCP endpoint for a listener of your own, such as `nodeHandler` in another server. */
export function createEndpoint(served: Served, options: EndpointOptions = {}): Endpoint {
  return openEndpoint(served, options, inMemory);
}

/**
 * Serves over Streamable HTTP, both eras on one endpoint, with every guard on. Rejects when the
 * address is taken, or public without authentication.
 */
export async function listen(served: Served, options: ListenOptions = {}): Promise<Listening> {
  return listenOnNode(createEndpoint(served, options), options);
}
