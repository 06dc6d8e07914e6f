/** Errors: what a peer gets to see of them, and what stays with the server. */
import assert from 'node:assert/strict';
import { createServer, McpError, text, ToolError } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

// #region server
const reported: string[] = [];
const server = createServer({
  name: 'faults',
  version: '1.0.0',
  // Default: written to the console.
  onError: (thrown, request) => reported.push(`${request.method}: ${String(thrown)}`),
});
const input = z.object({ age: z.int() });

server.tool('told', { input }, ({ age }) => {
  // The model reads this and can do better.
  if (age < 0) throw new ToolError('An age cannot be negative');
  return `${age} years`;
});
server.tool('masked', {}, () => {
  // A peer gets "Internal error"; onError gets everything.
  throw new Error('The password of the database is hunter2');
});
server.tool('refused', {}, () => {
  // An error of the protocol, with a code of its own and data for programs.
  throw new McpError('forbidden', 'Only on weekdays', { data: { open: 'Monday' } });
});
// #endregion
server.tool('reported', {}, () => reported.splice(0).join('\n'));

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const told = await client.callTool('told', { age: -1 });
    assert.deepEqual([told.isError, told.content], [true, [text('An age cannot be negative')]]);
    // Arguments that do not fit are for the model to mend, too.
    const unfit = await client.callTool('told', { age: 'old' });
    assert.equal(unfit.isError, true);

    const masked = client.callTool('masked');
    await assert.rejects(masked, { kind: 'internal', message: 'Internal error' });
    const refused = client.callTool('refused');
    await assert.rejects(refused, { message: 'Only on weekdays', data: { open: 'Monday' } });
    await assert.rejects(client.callTool('missing'), { message: 'Unknown tool: missing' });

    const { content } = await client.callTool('reported');
    assert.match(JSON.stringify(content), /tools\/call: Error: The password of the database/);
    return 'the model was told what it can mend, programs what they can, and nobody a secret';
  },
});
