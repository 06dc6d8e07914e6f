/** A connection that breaks in the middle of a call, and what each era makes of it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'train', version: '1.0.0' });

// #region server
server.tool('ride', { description: 'Passes three stations.' }, async (_args, call) => {
  for (let station = 1; station <= 3; station++) {
    await call.progress(station, { of: 3 });
    await sleep(50, undefined, { signal: call.signal });
  }
  return 'arrived';
});
// #endregion

/** A fetch whose connection breaks at the first progress. */
function tunnel(): typeof fetch {
  let broken = false;
  return async (input, init) => {
    const response = await fetch(input, init);
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        if (broken || !Buffer.from(chunk).includes('notifications/progress')) return;
        broken = true;
        controller.error(new TypeError('The train is in a tunnel'));
      },
    });
    return new Response(response.body?.pipeThrough(cut) ?? null, response);
  };
}

await run({
  url: import.meta.url,
  server,
  async check(connect, { over, era }) {
    const client = await connect({ fetch: tunnel() });
    // #region client
    const seen: number[] = [];
    const ride = client.callTool('ride', {}, { onProgress: ({ done }) => seen.push(done) });
    if (over === 'http' && era === 'auto') {
      // Stateless: whoever goes has cancelled. The server may have acted, and nobody knows.
      await assert.rejects(ride, { kind: 'outcomeUnknown' });
      return 'without a session a broken connection ends the call, as outcomeUnknown';
    }
    // In a session the work goes on. The client comes back for what it has missed.
    assert.deepEqual((await ride).content, [text('arrived')]);
    assert.deepEqual(seen, [1, 2, 3]);
    // #endregion
    if (over !== 'http') return 'a pipe has one connection, and it held';
    return 'a session outlived its connection, and nothing was lost';
  },
});
