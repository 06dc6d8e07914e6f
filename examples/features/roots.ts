/** Asking which folders the user has opened to this server. */
import assert from 'node:assert/strict';
import { createServer, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'searcher', version: '1.0.0' });

// #region server
server.tool('where', { description: 'Says which folders it may look at.' }, async (_args, call) => {
  const roots = await call.ask.roots();
  return roots.map(({ name, uri }) => `${name ?? 'a folder'}: ${uri}`).join('\n');
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect({
      answers: { roots: [{ uri: 'file:///notes', name: 'Notes' }, { uri: 'file:///music' }] },
    });
    // #endregion
    const result = await client.callTool('where');
    assert.deepEqual(result.content, [text('Notes: file:///notes\na folder: file:///music')]);
    return 'a tool asked for the folders of the user';
  },
});
