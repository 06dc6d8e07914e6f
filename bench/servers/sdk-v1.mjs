/** The official SDK v1 as its documentation has it: express, and a server object for each session. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { info, isStdio, mode, port } from './arguments.mjs';
import { keepSessions, registerTools, stdioOptions } from './sdk-tools.mjs';

const words = {
  tokenOf: (extra) => extra._meta?.progressToken,
  notify: (extra, notification) => extra.sendNotification(notification),
};

const createServer = () => registerTools(new McpServer(info), words);
const sessionOf = keepSessions(createServer, StreamableHTTPServerTransport);

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
  const transport = new StdioServerTransport(process.stdin, process.stdout, stdioOptions);
  await createServer().connect(transport);
} else {
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.all('/mcp', async (request, response) => {
    const transport = await (mode === 'stateless' ? openOnce(response) : sessionOf(request));
    await transport.handleRequest(request, response, request.body);
  });
  app.listen(port, '127.0.0.1');
}
