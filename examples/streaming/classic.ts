/**
 * Classic HTTP streaming, without any library: a server sends the ticks of a counter as server-sent
 * events, and a client decodes them as they come.
 *
 *   node --import tsx examples/streaming/classic.ts [ticks] [ms between them]
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [ticks = 5, ms = 1000] = process.argv.slice(2).map(Number);

// #region server
const server = createServer((_request, response) => {
  count(response).catch(() => response.destroy());
});

async function count(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for (let tick = 1; tick <= ticks; tick++) {
    await sleep(ms, undefined, { signal: gone.signal });
    // False means that the reader is slower than we are: wait until it has caught up.
    const hasRoom = response.write(`id: ${tick}\ndata: {"tick":${tick}}\n\n`);
    if (!hasRoom) await once(response, 'drain', { signal: gone.signal });
  }
  response.end();
}
// #endregion

// #region client
/** The data of each event, as soon as its last byte is here. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  let data: string[] = [];
  // A chunk may end in the middle of a line, or of a letter: the decoder keeps what is unfinished.
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A line ends with CR LF, LF or CR; a CR at the end may be half of a CR LF.
    const lines = rest.split(/\r\n|\n|\r(?=[^])/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
  }
}

async function watch(url: string): Promise<number[]> {
  const seen: number[] = [];
  const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
  assert.ok(response.body);
  for await (const data of eventsOf(response.body)) {
    const { tick } = JSON.parse(data) as { tick: number };
    console.log(`tick ${tick}`);
    seen.push(tick);
  }
  return seen;
}
// #endregion

await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
const seen = await watch(`http://127.0.0.1:${port}/`);
server.close();
assert.deepEqual(
  seen,
  Array.from({ length: ticks }, (_none, n) => n + 1),
);
console.log(`ok: ${ticks} ticks came one by one, and then the end of the response`);
