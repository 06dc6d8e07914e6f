/** The official SDK v2 as its documentation has it, over node:http with its guards. */
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { info, isStdio, messageBytes, mode, port } from './arguments.mjs';
import { registerTools } from './sdk-tools.mjs';

const words = {
  tokenOf: ({ mcpReq }) => mcpReq._meta?.progressToken,
  notify: ({ mcpReq }, notification) => mcpReq.notify(notification),
};

function createServer() {
  const server = new McpServer(info);
  registerTools(server, words);
  return server;
}

const sessions = new Map();

async function openSession() {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createServer().connect(transport);
  return transport;
}

async function serveSessions(request, response) {
  const found = sessions.get(request.headers['mcp-session-id']);
  await (found ?? (await openSession())).handleRequest(request, response);
}

if (isStdio) {
  const raised = messageBytes === undefined ? {} : { maxBufferSize: messageBytes };
  const transport = new StdioServerTransport(process.stdin, process.stdout, raised);
  serveStdio(createServer, { transport });
} else {
  const serve = mode === 'modern' ? toNodeHandler(createMcpHandler(createServer)) : serveSessions;
  const [isHostRight, isOriginRight] = [localhostHostValidation(), localhostOriginValidation()];
  createHttpServer((request, response) => {
    if (isHostRight(request, response) && isOriginRight(request, response)) {
      void serve(request, response);
    }
  }).listen(port, '127.0.0.1');
}
