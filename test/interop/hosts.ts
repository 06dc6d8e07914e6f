import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { type EndpointOptions, listen } from '../../src/transports/http/index.js';
import type { Doors } from './demo.js';
import { eventLog } from './event-log.js';
import { createOurDemo } from './servers/ours.js';
import { createV1Demo } from './servers/v1.js';
import { createV2Demo, createV2World } from './servers/v2.js';

/** A server on a real socket. */
export interface Host {
  readonly url: string;
  /** Resolves when a client has its standing stream; what is said before may be lost. */
  readonly standing: Promise<void>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly doors?: Doors;
  /** How the SDK's transports keep no session and answer by JSON alone. */
  readonly stateless?: boolean;
}

/** Ours, with the two endpoints of 2024-11-05 beside. Clients tell when they stand. */
export async function hostOurs(options: EndpointOptions & HostOptions = {}): Promise<Host> {
  const { doors, stateless: _stateless, ...endpoint } = options;
  const listening = await listen(createOurDemo(doors), { httpSse: true, ...endpoint });
  return {
    url: listening.url,
    standing: Promise.resolve(),
    close: () => listening.close({ drainMs: 0 }),
  };
}

/** Streamable HTTP of the SDK v1: a transport and a server object for each session. */
export function hostV1({ doors, stateless = false }: HostOptions = {}): Promise<Host> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport(
      stateless
        ? { enableJsonResponse: true }
        : {
            sessionIdGenerator: randomUUID,
            eventStore: eventLog(),
            retryInterval: 20,
            onsessioninitialized: (id) => void sessions.set(id, transport),
            onsessionclosed: (id) => void sessions.delete(id),
          },
    );
    await createV1Demo(doors).connect(transport);
    return transport;
  };
  return hostHttp(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const found = sessions.get(String(id));
    if (id !== undefined && found === undefined) return void response.writeHead(404).end();
    await (found ?? (await open())).handleRequest(request, response);
  });
}

/** HTTP+SSE of the SDK v1. */
export function hostV1Sse({ doors }: HostOptions = {}): Promise<Host> {
  const sessions = new Map<string, SSEServerTransport>();
  return hostHttp(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      await createV1Demo(doors).connect(transport);
      return;
    }
    const found = sessions.get(searchParams.get('sessionId') ?? '');
    if (pathname !== '/messages' || found === undefined) return void response.writeHead(404).end();
    await found.handlePostMessage(request, response);
  }, '/sse');
}

/** Both eras of the SDK v2 on one endpoint, wired as its documentation advises. */
export async function hostV2({ doors }: HostOptions = {}): Promise<Host> {
  const world = createV2World(
    {
      changed: (list) => modern.notify[`${list}Changed`](),
      updated: (uri) => modern.notify.resourceUpdated(uri),
    },
    doors,
  );
  const modern = createMcpHandler(({ era }) => createV2Demo(world, era), { legacy: 'reject' });
  const serveModern = toNodeHandler(modern);
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const open = async (): Promise<NodeStreamableHTTPServerTransport> => {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventLog(),
      retryInterval: 20,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createV2Demo(createV2World(undefined, doors), 'legacy').connect(transport);
    return transport;
  };
  const host = await hostHttp(async (request, response) => {
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    const web = await toWebRequest(request as NodeIncomingMessageLike, body);
    if (!(await isLegacyRequest(web))) {
      return serveModern(request as NodeIncomingMessageLike, response, body);
    }
    const id = request.headers['mcp-session-id'];
    const found = sessions.get(String(id));
    if (id !== undefined && found === undefined) return void response.writeHead(404).end();
    await (found ?? (await open())).handleRequest(request, response, body);
  });
  return {
    ...host,
    async close() {
      await modern.close();
      await host.close();
    },
  };
}

async function hostHttp(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  path = '/mcp',
): Promise<Host> {
  let stood = (): void => undefined;
  const standing = new Promise<void>((resolve) => (stood = resolve));
  const server = createServer((request, response) => {
    if (request.method === 'GET') onHead(response, stood);
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    standing,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Calls back once the head is written, which is when the SDK knows the stream. */
function onHead(response: ServerResponse, written: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    const returned = writeHead(...args);
    if (response.statusCode === 200) written();
    return returned;
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
