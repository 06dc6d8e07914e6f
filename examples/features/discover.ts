/** What a server says of itself before anything is called. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import { run } from './run.js';

// #region server
const server = createServer({
  name: 'orchard',
  title: 'The orchard',
  version: '2.1.0',
  websiteUrl: 'https://orchard.example',
  // For the model: how to use this server well.
  instructions: 'Call `trees` before `pick`: trees without fruit cannot be picked.',
});
// A capability is declared by what is registered. There are tools here, and no prompts.
server.tool('trees', { title: 'All trees' }, () => 'apple, pear');
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect, { era }) {
    // #region client
    const client = await connect({ client: { name: 'visitor', version: '1.0.0' } });
    const { info, instructions, capabilities } = client.server;
    // #endregion
    assert.equal(info?.title, 'The orchard');
    assert.match(instructions ?? '', /Call `trees` before `pick`/);
    assert.deepEqual([capabilities.tools !== undefined, capabilities.prompts], [true, undefined]);
    assert.equal(client.protocolVersion, era === 'legacy' ? '2025-11-25' : '2026-07-28');
    await client.ping();
    await assert.rejects(client.listPrompts(), { kind: 'methodNotFound' });
    return `the server introduced itself in the words of ${client.protocolVersion}`;
  },
});
