/**
 * MCP streaming: a tool works through a list of documents and notifies after each; its result comes
 * once, at the end. The client tells one from the other and shows each at once.
 *
 *   node --import tsx examples/streaming/mcp.ts [ms for each document]
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createServer } from 'sallyport';
import { listen } from 'sallyport/http';
import { z } from 'zod';

const [ms = 1000] = process.argv.slice(2).map(Number);
const heard: string[] = [];

// #region server
const server = createServer({ name: 'documents', version: '1.0.0' });
const input = z.object({ documents: z.array(z.string()) });
const output = z.object({ read: z.int(), letters: z.int() });
const description = 'Reads documents, one after the other.';

server.tool('read', { description, input, output }, async ({ documents }, call) => {
  let letters = 0;
  for (const [n, document] of documents.entries()) {
    // The signal ends the work when the caller cancels, or goes away.
    await sleep(ms, undefined, { signal: call.signal });
    letters += document.length;
    await call.log('info', `Read ${document}`);
    await call.progress(n + 1, { of: documents.length, message: document });
  }
  return { read: documents.length, letters };
});
// #endregion

const listening = await listen(server);

// #region client
await using client = await connect(listening.url, { logLevel: 'info' });
const documents = ['minutes.txt', 'letter.txt', 'report.txt'];

const result = await client.callTool(
  'read',
  { documents },
  {
    onLog: ({ level, data }) => show('notification', `${level}: ${String(data)}`),
    onProgress({ done, of = done, message = '' }) {
      const bar = '#'.repeat(done).padEnd(of, '.');
      show('notification', `[${bar}] ${done}/${of} ${message}`);
    },
  },
);
show('result', JSON.stringify(result.structuredContent));
// #endregion

await listening.close();
assert.deepEqual(heard, [
  'notification info: Read minutes.txt',
  'notification [#..] 1/3 minutes.txt',
  'notification info: Read letter.txt',
  'notification [##.] 2/3 letter.txt',
  'notification info: Read report.txt',
  'notification [###] 3/3 report.txt',
  'result {"read":3,"letters":31}',
]);
console.log('ok: six notifications, and then one result');

function show(kind: 'notification' | 'result', what: string): void {
  console.log(`${kind.padEnd(12)} ${what}`);
  heard.push(`${kind} ${what}`);
}
