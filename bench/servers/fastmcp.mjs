/** fastmcp as its documentation has it. */
import { FastMCP } from 'fastmcp';
import { z } from 'zod';
import { info, isStdio, mode, port, work } from './arguments.mjs';
import { heavyZodTools } from './heavy-tools.mjs';

const server = new FastMCP(info);
server.addTool({
  name: 'echo',
  description: 'Says it again',
  parameters: z.object({ text: z.string() }),
  execute: async ({ text }) => text,
});
server.addTool({
  name: 'work',
  description: 'Works',
  parameters: z.object({ steps: z.int() }),
  execute: ({ steps }, { reportProgress }) =>
    work(steps, (progress) => reportProgress({ progress })),
});
for (const { name, description, schema } of heavyZodTools(z)) {
  server.addTool({ name, description, parameters: schema, execute: async () => name });
}

const httpStream = { port, host: '127.0.0.1', stateless: mode === 'stateless' };
await server.start(
  isStdio ? { transportType: 'stdio' } : { transportType: 'httpStream', httpStream },
);
