/** The official SDK v2 as its documentation has it, over node:http with its guards. */
import { createServer as createHttpServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { info, isStdio, mode, port } from './arguments.mjs';
import { keepSessions, registerTools, stdioOptions } from './sdk-tools.mjs';

const words = {
  tokenOf: ({ mcpReq }) => mcpReq._meta?.progressToken,
  notify: ({ mcpReq }, notification) => mcpReq.notify(notification),
};

const createServer = () => registerTools(new McpServer(info), words);
const sessionOf = keepSessions(createServer, NodeStreamableHTTPServerTransport);

async function serveSessions(request, response) {
  await (await sessionOf(request)).handleRequest(request, response);
}

if (isStdio) {
  const transport = new StdioServerTransport(process.stdin, process.stdout, stdioOptions);
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
