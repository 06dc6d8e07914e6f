/** Caching: a server says how long its answers keep, and a client does not ask again. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import { run } from './run.js';

// #region server
const server = createServer({
  name: 'shelf',
  version: '1.0.0',
  // For lists; `public` would let a shared cache hand them to other users too.
  cache: { ttlMs: 60_000, scope: 'private' },
});
// #endregion
let lists = 0;
server.use((next) => (request, io) => {
  if (request.method === 'tools/list') lists++;
  return next(request, io);
});
const noop = (): string => 'done';
server.tool('first', {}, noop);
server.tool('lists', {}, () => String(lists));
let grown = 0;
server.tool('grow', {}, () => {
  server.tool(`more-${++grown}`, {}, noop);
  return 'grown';
});

await run({
  url: import.meta.url,
  server,
  async check(connect, { era }) {
    const client = await connect();
    const asked = async (): Promise<number> => {
      const { content } = await client.callTool('lists');
      return content[0]?.type === 'text' ? Number(content[0].text) : NaN;
    };
    const before = await asked();
    await client.listTools();
    await client.listTools();
    // Sessions of older revisions carry no such hints: there every list is asked for.
    assert.equal((await asked()) - before, era === 'legacy' ? 2 : 1);

    // #region client
    // A notice drops what it covers: the next list is asked for again.
    for await (const change of client.listen({ tools: true })) {
      if (change.kind === 'listening') await client.callTool('grow');
      else break;
    }
    const names = (await client.listTools()).map((tool) => tool.name);
    // #endregion
    assert.ok(names.some((name) => name.startsWith('more-')));
    return 'a list was kept as long as the server said, and dropped when it changed';
  },
});
