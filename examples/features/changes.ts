/** Changes: a client hears of new tools and of a resource that it watches. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import type { Change } from 'sallyport/client';
import { run } from './run.js';

const server = createServer({ name: 'board', version: '1.0.0' });

// #region server
let note = 'empty';
server.resource('board://note', {}, () => note);

server.tool('write', { description: 'Writes the note.' }, () => {
  note = 'Milk, bread';
  server.resourceUpdated('board://note');
  return 'written';
});

server.tool('learn', { description: 'Brings a new tool, then takes it back.' }, () => {
  const added = server.tool('sing', { description: 'Sings.' }, () => 'la la');
  added.update({ description: 'Sings well.' });
  added.remove();
  return 'learned, and forgotten';
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const seen: Change[] = [];

    // #region client
    for await (const change of client.listen({ tools: true, uris: ['board://note'] })) {
      seen.push(change);
      // The server listens now; what happens from here on is heard.
      if (change.kind === 'listening') await client.callTool('write');
      // A change says that something changed, not what: read it again.
      if (change.kind === 'resource') {
        const { contents } = await client.readResource(change.uri);
        assert.deepEqual(contents, [{ uri: 'board://note', text: 'Milk, bread' }]);
        await client.callTool('learn');
      }
      // Several changes of one kind, while nobody looks, are told as one.
      if (change.kind === 'tools') break;
    }
    // #endregion

    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ['listening', 'resource', 'tools'],
    );
    return 'a client heard of a resource that changed, and of tools that came and went';
  },
});
