/** An MCP endpoint in an Express app: node --import tsx examples/mounted/express.ts */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connect, createServer } from 'sallyport';
import { createEndpoint, expressHandler } from 'sallyport/http';

const server = createServer({ name: 'greeter', version: '1.0.0' });
server.tool('greet', {}, () => 'Hello');
// #region app
const endpoint = createEndpoint(server);
const app = express();
app.use('/mcp', expressHandler(endpoint)); // before any body parser
app.use(express.json());
const listener = app.listen(0, '127.0.0.1');
// #endregion
await once(listener, 'listening');
const { port } = listener.address() as AddressInfo;
await using client = await connect(`http://127.0.0.1:${port}/mcp`);
const { content } = await client.callTool('greet');
assert.deepEqual(content, [{ type: 'text', text: 'Hello' }]);
await endpoint.close(); // lets calls finish, and ends the streams
listener.close();
console.log('ok: called through Express');
