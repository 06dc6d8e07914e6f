/** Plain JSON Schema instead of a library: nothing to install, and checked all the same. */
import assert from 'node:assert/strict';
import { createServer, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'labels', version: '1.0.0' });

// #region server
const input = {
  type: 'object',
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 40 },
    copies: { type: 'integer', minimum: 1, maximum: 9 },
  },
  required: ['text', 'copies'],
  additionalProperties: false,
};

server.tool('print', { description: 'Prints labels.', input }, (args) => {
  // Checked already. The compiler cannot know that, so the types are said again.
  const { text: label, copies } = args as { text: string; copies: number };
  return Array.from({ length: copies }, () => label).join(', ');
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const [print] = await client.listTools();
    assert.deepEqual(print?.inputSchema, input);
    const two = await client.callTool('print', { text: 'Jam', copies: 2 });
    assert.deepEqual(two.content, [text('Jam, Jam')]);
    const many = await client.callTool('print', { text: 'Jam', copies: 100 });
    assert.equal(many.isError, true);
    return 'arguments were checked by a schema without a library';
  },
});
