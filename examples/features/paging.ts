/** Paging: long lists come in pages, and the client puts them together. */
import assert from 'node:assert/strict';
import { createServer, McpError } from 'sallyport';
import { run } from './run.js';

// #region server
const server = createServer({ name: 'many', version: '1.0.0', limits: { pageItemsMax: 10 } });
for (let n = 1; n <= 25; n++) server.tool(`tool-${n}`, {}, () => `I am ${n}`);
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    // #region client
    const all = await client.listTools();

    // One page at a time, for those who want that:
    const first = await client.request('tools/list');
    const second = await client.request('tools/list', { cursor: first['nextCursor'] });
    // #endregion
    assert.equal(all.length, 25);
    assert.equal(all[24]?.name, 'tool-25');
    const pages = [first, second].map(({ tools }) => (tools as unknown[]).length);
    assert.deepEqual(pages, [10, 10]);
    await assert.rejects(client.request('tools/list', { cursor: 'made up' }), McpError);

    const impatient = await connect({ limits: { pagesMax: 2 } });
    await assert.rejects(impatient.listTools(), { kind: 'badResponse' });
    return '25 tools came in three pages and were put together; an endless list would be refused';
  },
});
