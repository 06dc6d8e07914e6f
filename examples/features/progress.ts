/** Progress and log messages while a call runs; its result comes once, at the end. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import type { LogMessage, Progress } from 'sallyport/client';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'copier', version: '1.0.0' });

// #region server
const input = z.object({ files: z.array(z.string()) });

server.tool('copy', { description: 'Copies files.', input }, async ({ files }, call) => {
  for (const [n, file] of files.entries()) {
    await call.log('debug', { opened: file }, 'copier');
    await call.log('info', `Copied ${file}`, 'copier');
    await call.progress(n + 1, { of: files.length, message: file });
  }
  return `Copied ${files.length} files`;
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const progress: Progress[] = [];
    const logs: LogMessage[] = [];

    // #region client
    const client = await connect({ logLevel: 'info' });
    const result = await client.callTool(
      'copy',
      { files: ['a.txt', 'b.txt'] },
      {
        onProgress: (one) => progress.push(one),
        onLog: (one) => logs.push(one),
      },
    );
    // #endregion

    assert.deepEqual(result.content, [{ type: 'text', text: 'Copied 2 files' }]);
    assert.deepEqual(progress, [
      { done: 1, of: 2, message: 'a.txt' },
      { done: 2, of: 2, message: 'b.txt' },
    ]);
    // Nothing of level debug: this client asked for info and what is more severe.
    assert.deepEqual(logs, [
      { level: 'info', logger: 'copier', data: 'Copied a.txt' },
      { level: 'info', logger: 'copier', data: 'Copied b.txt' },
    ]);
    return 'progress and log messages came before the result, in order';
  },
});
