/** tmcp as its documentation has it, over HTTP through srvx. */
import { ZodJsonSchemaAdapter } from '@tmcp/adapter-zod';
import { HttpTransport } from '@tmcp/transport-http';
import { StdioTransport } from '@tmcp/transport-stdio';
import { serve } from 'srvx';
import { McpServer } from 'tmcp';
import { tool } from 'tmcp/utils';
import { z } from 'zod';
import { info, isStdio, port, work } from './arguments.mjs';
import { heavyZodTools } from './heavy-tools.mjs';

const capabilities = { tools: { listChanged: true } };
const server = new McpServer(info, { adapter: new ZodJsonSchemaAdapter(), capabilities });
server.tool(
  { name: 'echo', description: 'Says it again', schema: z.object({ text: z.string() }) },
  async ({ text }) => tool.text(text),
);
server.tool(
  { name: 'work', description: 'Works', schema: z.object({ steps: z.int() }) },
  async ({ steps }) => tool.text(await work(steps, (progress) => server.progress(progress, steps))),
);
for (const { name, description, schema } of heavyZodTools(z)) {
  server.tool({ name, description, schema }, async () => tool.text(name));
}

if (isStdio) {
  new StdioTransport(server).listen();
} else {
  const transport = new HttpTransport(server, { path: '/mcp' });
  serve({
    port,
    hostname: '127.0.0.1',
    silent: true,
    async fetch(request) {
      return (await transport.respond(request)) ?? new Response(null, { status: 404 });
    },
  });
}
