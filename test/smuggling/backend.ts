import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { createServer } from '../../src/index.js';
import { type EndpointOptions, listen } from '../../src/transports/http/index.js';
import type { Limits } from '../../src/limits.js';
import { Notes } from './notes.js';
import { host } from './requests.js';

export interface Backend {
  readonly port: number;
  readonly notes: Notes;
  close(): Promise<void>;
}

/** As an operator sets a server up that stands behind a proxy on the same machine. */
export const behindProxy: EndpointOptions = {
  publicUrl: `http://${host}`,
  trustedProxies: ['127.0.0.1'],
};

// Everybody is on this machine here, and sends hundreds of requests within a second.
const many = 1_000_000;
const roomy: Partial<Limits> = {
  requestsPerSecondMax: many,
  requestBurstMax: many,
  strangerRequestsPerSecondMax: many,
  strangerRequestBurstMax: many,
};

/** Our server, with a tool that notes what it was called with. */
export async function openOurBackend(): Promise<Backend> {
  const notes = new Notes();
  const server = createServer({ name: 'marked', version: '1.0.0' });
  server.tool('mark', { input: { type: 'object' } }, ({ marker }) => {
    notes.ran(String(marker));
    return `did ${String(marker)}`;
  });
  const listening = await listen(server, { ...behindProxy, limits: roomy });
  // What Node's parser took for a request, whether it was served or not.
  const onRequest = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    if (request.socket.localPort !== listening.port) return;
    notes.saw(request.headers['x-marker'] as string | undefined);
  };
  diagnostics.subscribe('http.server.request.start', onRequest);
  return {
    port: listening.port,
    notes,
    async close() {
      diagnostics.unsubscribe('http.server.request.start', onRequest);
      await listening.close({ drainMs: 0 });
    },
  };
}
