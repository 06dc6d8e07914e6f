import { type EndpointOptions, listen } from '../../../src/transports/http/index.js';
import { createOurDemo } from '../servers/ours.js';
import type { Host, HostOptions } from './host.js';

/** Ours, with the two endpoints of 2024-11-05 beside. */
export async function hostOurs(options: EndpointOptions & HostOptions = {}): Promise<Host> {
  const { doors, ...endpoint } = options;
  const server = createOurDemo(doors);
  const listening = await listen(server, { httpSse: true, ...endpoint });
  return {
    url: listening.url,
    // Not seen from here: the clients of the SDKs say themselves when they have it.
    stands: () => Promise.resolve(),
    grow: (name) => server.tool(name, {}, () => name),
    close: () => listening.close({ drainMs: 0 }),
  };
}
