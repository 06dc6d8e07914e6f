/** Programs that are only type-checked: the same work, as each library's documentation writes it. */

interface TypedProgram {
  readonly name: string;
  readonly sallyport: string;
  readonly sdkV2: string;
}

const schemas = `
import * as z from 'zod';
const place = z.object({ city: z.string(), country: z.string().optional() });
const weather = z.object({ degrees: z.number(), sky: z.enum(['clear', 'cloudy']) });
const search = z.object({ text: z.string(), limit: z.int().default(10), tags: z.array(z.string()) });
`;

const ourServer = `${schemas}
const server = createServer({ name: 'typed', version: '1.0.0' });

server.tool('weather', { input: place, output: weather }, ({ city }) => ({
  degrees: city.length,
  sky: 'clear' as const,
}));
server.tool('search', { input: search }, ({ text, limit, tags }) =>
  text.repeat(limit) + tags.join(),
);
server.tool('slow', { input: place }, async ({ country }, call) => {
  await call.progress(1, { of: 2 });
  return country ?? 'nowhere';
});
`;

const theirServer = `${schemas}
function createServer() {
  const server = new McpServer({ name: 'typed', version: '1.0.0' });

server.registerTool('weather', { inputSchema: place, outputSchema: weather }, ({ city }) => {
  const structuredContent = { degrees: city.length, sky: 'clear' as const };
  return { content: [], structuredContent };
});
server.registerTool('search', { inputSchema: search }, ({ text, limit, tags }) => ({
  content: [{ type: 'text', text: text.repeat(limit) + tags.join() }],
}));
server.registerTool('slow', { inputSchema: place }, async ({ country }, { mcpReq }) => {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    const params = { progressToken, progress: 1, total: 2 };
    await mcpReq.notify({ method: 'notifications/progress', params });
  }
  return { content: [{ type: 'text', text: country ?? 'nowhere' }] };
});

  return server;
}
`;

export const typedPrograms: readonly TypedProgram[] = [
  {
    name: 'stdio server',
    sallyport: `
import { createServer } from 'sallyport/server';
import { serveStdio } from 'sallyport/stdio';
${ourServer}serveStdio(server);
`,
    sdkV2: `
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
${theirServer}serveStdio(createServer);
`,
  },
  {
    name: 'HTTP server',
    sallyport: `
import { createServer } from 'sallyport/server';
import { listen } from 'sallyport/http';
${ourServer}const { url } = await listen(server, { port: 3000 });
console.log(url);
`,
    sdkV2: `
import { createServer as createHttpServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
${theirServer}const handle = toNodeHandler(createMcpHandler(createServer));
createHttpServer((request, response) => void handle(request, response)).listen(3000);
`,
  },
  {
    name: 'client',
    sallyport: `
import { connect } from 'sallyport';
const client = await connect('http://127.0.0.1:3000/mcp');
const tools = await client.listTools();
console.log(tools.map(({ name }) => name));
const { content } = await client.callTool('search', { text: 'a', tags: [] });
for (const part of content) if (part.type === 'text') console.log(part.text);
await client.close();
`,
    sdkV2: `
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
const client = new Client({ name: 'typed', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL('http://127.0.0.1:3000/mcp')));
const { tools } = await client.listTools();
console.log(tools.map(({ name }) => name));
const { content } = await client.callTool({ name: 'search', arguments: { text: 'a', tags: [] } });
for (const part of content) if (part.type === 'text') console.log(part.text);
await client.close();
`,
  },
];
