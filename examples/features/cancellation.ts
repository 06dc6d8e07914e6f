/** A caller that gives up, and a time that runs out: both reach the handler as one signal. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, McpError } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'sleeper', version: '1.0.0' });

// #region server
let stopped = 0;

server.tool('sleep', { description: 'Sleeps until it is woken.' }, async (_args, call) => {
  call.signal.addEventListener('abort', () => stopped++);
  await call.progress(1, { message: 'asleep' });
  // Hand the signal to whatever takes long: fetch, streams, child processes, timers.
  await sleep(60_000, undefined, { signal: call.signal });
  return 'slept';
});
// #endregion
server.tool('stopped', {}, () => String(stopped));

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const before = await textOf('stopped');

    // #region cancel
    const giveUp = new AbortController();
    const call = client.callTool(
      'sleep',
      {},
      { signal: giveUp.signal, onProgress: () => giveUp.abort() },
    );
    await assert.rejects(
      call,
      (thrown) => thrown instanceof McpError && thrown.kind === 'cancelled',
    );
    // #endregion

    // #region timeout
    const late = client.callTool('sleep', {}, { timeoutMs: 100 });
    await assert.rejects(late, (thrown) => thrown instanceof McpError && thrown.kind === 'timeout');
    // #endregion

    // The cancellation of a closed HTTP connection may arrive after the next request.
    while ((await textOf('stopped')) < before + 2);
    return 'a cancelled call and one that took too long were both stopped on the server';

    async function textOf(tool: string): Promise<number> {
      const { content } = await client.callTool(tool);
      return Number(content[0]?.type === 'text' && content[0].text);
    }
  },
});
