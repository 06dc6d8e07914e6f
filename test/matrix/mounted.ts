/** The frameworks with an endpoint mounted in each, in the way that the guide shows. */
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Endpoint,
  expressHandler,
  fastifyPlugin,
  honoHandler,
} from '../../src/transports/http/index.js';

export interface Mounted {
  /** Where the app listens, without a path. */
  readonly origin: string;
  readonly port: number;
  /** Cuts every connection. */
  cut(): void;
  /** Drains the endpoint and closes the app. */
  close(): Promise<void>;
}

type Framework = (endpoint: Endpoint) => Promise<Mounted>;

export const frameworks: { readonly [name: string]: Framework } = {
  express(endpoint) {
    const app = express();
    app.use('/mcp', expressHandler(endpoint));
    app.use(express.json());
    app.post('/echo', (request, response) => void response.json(request.body));
    return mountedAt(app.listen(0, '127.0.0.1'), endpoint);
  },
  async fastify(endpoint) {
    const app = fastify();
    await app.register(fastifyPlugin(endpoint));
    app.post('/echo', (request) => request.body);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { ...(await mountedAt(app.server, endpoint)), close: () => app.close() };
  },
  hono(endpoint) {
    const app = new Hono();
    app.all('/mcp', honoHandler(endpoint));
    app.post('/echo', async (context) => context.json(await context.req.json()));
    return mountedAt(honoAt(app.fetch), endpoint);
  },
};

export function honoAt(fetch: Hono['fetch']): Server {
  return serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server;
}

export async function mountedAt(server: Server, endpoint: Endpoint): Promise<Mounted> {
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    cut: () => server.closeAllConnections(),
    async close() {
      await endpoint.close();
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}
