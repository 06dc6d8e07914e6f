import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createV1Demo } from '../servers/v1.js';
import { type Host, hostHttp, type HostOptions } from './host.js';
import { createSdkSessions, type SdkSessions } from './sdk-sessions.js';

/** Streamable HTTP of the SDK v1: a transport and a server object for each session. */
export async function hostV1({ doors }: HostOptions = {}): Promise<
  Host & { readonly sessions: SdkSessions }
> {
  const servers: McpServer[] = [];
  const sessions = createSdkSessions(async (options) => {
    const server = createV1Demo(doors);
    servers.push(server);
    const transport = new StreamableHTTPServerTransport(options);
    await server.connect(transport);
    return transport;
  });
  return { ...(await hostHttp(sessions.serve)), sessions, grow: (name) => grow(servers, name) };
}

/** The same without sessions and streams: a transport and a server object for each request. */
export async function hostV1Json({ doors }: HostOptions = {}): Promise<Host> {
  const host = await hostHttp(async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await createV1Demo(doors).connect(transport);
    await transport.handleRequest(request, response);
  });
  return { ...host, grow: () => undefined };
}

/** HTTP+SSE of the SDK v1. */
export async function hostV1Sse({ doors }: HostOptions = {}): Promise<Host> {
  const servers: McpServer[] = [];
  const sessions = new Map<string, SSEServerTransport>();
  const host = await hostHttp(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      const server = createV1Demo(doors);
      servers.push(server);
      return server.connect(transport);
    }
    const found = sessions.get(searchParams.get('sessionId') ?? '');
    if (pathname !== '/messages' || found === undefined) return void response.writeHead(404).end();
    await found.handlePostMessage(request, response);
  }, '/sse');
  return { ...host, grow: (name) => grow(servers, name) };
}

function grow(servers: readonly McpServer[], name: string): void {
  for (const server of servers) server.registerTool(name, {}, () => ({ content: [] }));
}
