/** Middleware: one function around every request, on the server and on the client. */
import assert from 'node:assert/strict';
import { createServer, McpError, type Middleware, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'guarded', version: '1.0.0' });

// #region server
const log: string[] = [];

const logging: Middleware = (next) => async (request, io) => {
  try {
    const result = await next(request, io);
    log.push(`${request.method} ok for ${io.peer.principal.id}`);
    return result;
  } catch (thrown) {
    log.push(`${request.method} failed: ${McpError.from(thrown).kind}`);
    throw thrown;
  }
};

const closedTools: Middleware = (next) => async (request, io) => {
  if (request.method === 'tools/call' && request.params?.['name'] === 'drop') {
    throw new McpError('forbidden', 'This tool is closed');
  }
  return next(request, io);
};

// The first one sees a request first, and its result last.
server.use(logging, closedTools);
// #endregion
server.tool('drop', {}, () => 'dropped');
server.tool('log', {}, () => log.splice(0).join('\n'));

await run({
  url: import.meta.url,
  server,
  async check(connect, { over }) {
    // #region client
    const sent: string[] = [];
    const noting: Middleware = (next) => (request, io) => {
      sent.push(request.method);
      return next(request, io);
    };
    const client = await connect({ middleware: [noting] });
    // #endregion
    await client.callTool('log');
    await assert.rejects(client.callTool('drop'), { message: 'This tool is closed' });
    const { content } = await client.callTool('log');
    const who = { memory: 'memory', stdio: 'stdio', http: 'anonymous' }[over];
    const said = `tools/call ok for ${who}\ntools/call failed: forbidden`;
    assert.deepEqual(content, [text(said)]);
    assert.deepEqual(sent, ['tools/call', 'tools/call', 'tools/call']);
    return 'middleware saw every request, and refused one';
  },
});
