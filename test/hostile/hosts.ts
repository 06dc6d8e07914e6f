/** Servers of others with an endpoint of ours in them. */
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Parts } from './attack.js';
import {
  type Endpoint,
  type EndpointOptions,
  expressHandler,
  fastifyPlugin,
  honoHandler,
  nodeHandler,
} from '../../src/transports/http/index.js';

export const hostNames = ['node', 'express', 'fastify', 'hono'] as const;
export type HostName = (typeof hostNames)[number];

export interface Host {
  readonly port: number;
  /** Cuts what is still open. */
  close(): Promise<void>;
}

/** Opens a server which gives the endpoint as much as it can: nothing is filtered on the way. */
export async function openHost(name: HostName, endpoint: Endpoint): Promise<Host> {
  if (name === 'fastify') {
    const app = fastify({ forceCloseConnections: true });
    await app.register(fastifyPlugin(endpoint));
    const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    return { port: Number(url.port), close: () => app.close() };
  }
  if (name === 'node') return hostAt(createServer(nodeHandler(endpoint)).listen(0, '127.0.0.1'));
  if (name === 'express') {
    const app = express().use(expressHandler(endpoint));
    return hostAt(app.listen(0, '127.0.0.1'));
  }
  const app = new Hono().all('*', honoHandler(endpoint));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  return hostAt(server as Server);
}

/**
 * The status with which a host refuses a request in its own words, so that the endpoint is never
 * reached. Undefined: the endpoint answers, as it does through every other door.
 */
export function refusedByHost(
  name: string,
  { target, headers }: Parts,
  { httpSse }: EndpointOptions = {},
): number | undefined {
  // Its router knows the paths of the endpoint and what is behind them; the rest is the app's.
  if (name === 'fastify') {
    const paths = httpSse === true ? /^\/(?:mcp|sse|messages)(?:[/?#]|$)/ : /^\/mcp(?:[/?#]|$)/;
    const path = target.replace(/^http:\/\/[^/]+/, '').replace('%6d', 'm');
    return paths.test(path) ? undefined : 404;
  }
  // It makes a URL of Host and target before anybody is asked.
  if (name === 'hono') return isPlain(target) && isUrlHost(headers['host']) ? undefined : 400;
  return undefined;
}

function isPlain(target: string): boolean {
  return target !== '*' && !target.includes('\\');
}

function isUrlHost(host: unknown): boolean {
  if (typeof host !== 'string') return true;
  const authority = host.replace('{port}', '3000').toLowerCase();
  const name = authority.replace(/:[0-9]+$/, '');
  const url = `http://${authority}`;
  return URL.canParse(url) && (/^[a-z0-9._-]+$/.test(name) || new URL(url).hostname === name);
}

async function hostAt(server: Server): Promise<Host> {
  if (!server.listening) await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
