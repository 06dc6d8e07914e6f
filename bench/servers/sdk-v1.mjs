/** The official SDK v1 as its documentation has it: express, and a server object for each session. */
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { info, isStdio, messageBytes, mode, port } from './arguments.mjs';
import { registerTools } from './sdk-tools.mjs';

const words = {
  tokenOf: (extra) => extra._meta?.progressToken,
  notify: (extra, notification) => extra.sendNotification(notification),
};

function createServer() {
  const server = new McpServer(info);
  registerTools(server, words);
  return server;
}

const sessions = new Map();

async function openSession() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await createServer().connect(transport);
  return transport;
}

/** A server object for each request, which is how it does without sessions. */
async function openOnce(response) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  const server = createServer();
  response.on('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  return transport;
}

if (isStdio) {
  const transport = new StdioServerTransport(process.stdin, process.stdout, {
    ...(messageBytes === undefined ? {} : { maxBufferSize: messageBytes }),
  });
  await createServer().connect(transport);
} else {
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.all('/mcp', async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const transport =
      mode === 'stateless' ? await openOnce(response) : (sessions.get(id) ?? (await openSession()));
    await transport.handleRequest(request, response, request.body);
  });
  app.listen(port, '127.0.0.1');
}
