import type { IncomingMessage } from 'node:http';
import {
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest, type McpServer } from '@modelcontextprotocol/server';
import { createV2Demo, createV2World } from '../servers/v2.js';
import { type Host, hostHttp, type HostOptions } from './host.js';
import { createSdkSessions, type SdkSessions } from './sdk-sessions.js';

export interface V2HostOptions extends HostOptions {
  /** The revisions that its sessions know; absent means all that the SDK does. */
  readonly revisions?: readonly string[];
}

/** Both eras of the SDK v2 on one endpoint, wired as its documentation advises. */
export async function hostV2({ doors, revisions }: V2HostOptions = {}): Promise<
  Host & { readonly sessions: SdkSessions }
> {
  const world = createV2World(
    {
      changed: (list) => modern.notify[`${list}Changed`](),
      updated: (uri) => modern.notify.resourceUpdated(uri),
    },
    doors,
  );
  const modern = createMcpHandler(({ era }) => createV2Demo(world, era), { legacy: 'reject' });
  const serveModern = toNodeHandler(modern);
  const servers: McpServer[] = [];
  const sessions = createSdkSessions(async (options) => {
    const server = createV2Demo({ ...createV2World(undefined, doors), revisions }, 'legacy');
    servers.push(server);
    const transport = new NodeStreamableHTTPServerTransport(options);
    await server.connect(transport);
    return transport;
  });
  const host = await hostHttp(async (request, response) => {
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    const message = request as NodeIncomingMessageLike;
    const isLegacy = await isLegacyRequest(await toWebRequest(message, body));
    await (isLegacy
      ? sessions.serve(request, response, body)
      : serveModern(message, response, body));
  });
  return {
    ...host,
    sessions,
    grow(name) {
      for (const server of servers) server.registerTool(name, {}, () => ({ content: [] }));
      world.grown.push({ list: 'tools', name });
      modern.notify.toolsChanged();
    },
    async close() {
      await modern.close();
      await host.close();
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
