/** mcp-lite as its documentation has it for one server, through hono and its adapter for Node. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpServer,
  StreamableHttpTransport,
} from 'mcp-lite';
import { z } from 'zod';
import { info, mode, port, said, work } from './arguments.mjs';
import { heavyZodTools } from './heavy-tools.mjs';

const server = new McpServer({ ...info, schemaAdapter: (schema) => z.toJSONSchema(schema) });
server.tool('echo', {
  description: 'Says it again',
  inputSchema: z.object({ text: z.string() }),
  handler: ({ text }) => said(text),
});
server.tool('work', {
  description: 'Works',
  inputSchema: z.object({ steps: z.int() }),
  handler: async ({ steps }, call) =>
    said(await work(steps, (progress) => call.progress?.({ progress }))),
});
for (const { name, description, schema } of heavyZodTools(z)) {
  server.tool(name, { description, inputSchema: schema, handler: () => said(name) });
}

const options =
  mode === 'session'
    ? {
        sessionAdapter: new InMemorySessionAdapter({ maxEventBufferSize: 1024 }),
        clientRequestAdapter: new InMemoryClientRequestAdapter({ defaultTimeoutMs: 30_000 }),
      }
    : {};
const handle = new StreamableHttpTransport(options).bind(server);
const app = new Hono();
app.all('/mcp', (context) => handle(context.req.raw));
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
