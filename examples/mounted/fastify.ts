/** An MCP endpoint in a Fastify app: node --import tsx examples/mounted/fastify.ts */
import assert from 'node:assert/strict';
import fastify from 'fastify';
import { connect, createServer } from 'sallyport';
import { createEndpoint, fastifyPlugin } from 'sallyport/http';

const server = createServer({ name: 'greeter', version: '1.0.0' });
server.tool('greet', {}, () => 'Hello');
// #region app
const app = fastify();
await app.register(fastifyPlugin(createEndpoint(server)));
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
// #endregion
await using client = await connect(`${origin}/mcp`);
const { content } = await client.callTool('greet');
assert.deepEqual(content, [{ type: 'text', text: 'Hello' }]);
await app.close();
console.log('ok: called through Fastify');
