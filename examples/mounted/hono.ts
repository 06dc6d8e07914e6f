/** An MCP endpoint in a Hono app on Node: node --import tsx examples/mounted/hono.ts */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { connect, createServer } from 'sallyport';
import { createEndpoint, honoHandler } from 'sallyport/http';

const server = createServer({ name: 'greeter', version: '1.0.0' });
server.tool('greet', {}, () => 'Hello');
// #region app
const endpoint = createEndpoint(server);
const app = new Hono();
app.all('/mcp', honoHandler(endpoint));
const listener = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
// #endregion
await once(listener, 'listening');
const { port } = listener.address() as AddressInfo;
await using client = await connect(`http://127.0.0.1:${port}/mcp`);
const { content } = await client.callTool('greet');
assert.deepEqual(content, [{ type: 'text', text: 'Hello' }]);
await endpoint.close();
listener.close();
console.log('ok: called through Hono');
